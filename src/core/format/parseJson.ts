/** JSON whose fault has a place. */
import type { AppError } from '../errors.ts';
import { jsonFaultPlace, type TextPlace } from './jsonPlace.ts';

/**
 * @param refuse the error of a text that is no JSON; `place` is that of its first fault
 * @throws the error that `refuse` returns
 */
export function parseJson(text: string, refuse: (place: TextPlace, cause: unknown) => AppError): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw refuse(jsonFaultPlace(text) ?? { line: 1, column: 1 }, cause);
	}
}
