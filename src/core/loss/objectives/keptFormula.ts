/** A formula that is being written, as text that survives a reload of the page. β is not part of it. */
import * as v from 'valibot';
import { FORMULA, type ObjectiveSettings } from './settings.ts';

const keptSchema = v.object({
	formula: v.pipe(v.string(), v.maxLength(10_000)),
	parameters: v.optional(v.record(v.string(), v.pipe(v.number(), v.finite()))),
});

export function writeKeptFormula({ formula, parameters }: ObjectiveSettings): string {
	return JSON.stringify({ formula, parameters });
}

/** Null if there is none, or if the text is something else. Any formula is read: one with a problem is still being written. */
export function readKeptFormula(text: string | null): ObjectiveSettings | null {
	if (text === null) return null;
	try {
		const { formula, parameters } = v.parse(keptSchema, JSON.parse(text));
		return { id: FORMULA, beta: 1, formula, ...(parameters === undefined ? {} : { parameters }) };
	} catch {
		return null;
	}
}
