/** The data methods by id. To add one: write its file and name it here. */
import { AppError } from '../../errors.ts';
import { clair } from './clair.ts';
import { imported } from './imported.ts';
import type { DataMethod } from './method.ts';

const METHODS = new Map<string, DataMethod>();

/** @throws AppError `method-registered` if the id is in use */
export function registerMethod(method: DataMethod): void {
	if (METHODS.has(method.id)) {
		throw new AppError(`A data method "${method.id}" is registered already.`, { code: 'method-registered' });
	}
	METHODS.set(method.id, method);
}

for (const method of [clair, imported]) registerMethod(method);

export function listMethods(): readonly DataMethod[] {
	return [...METHODS.values()];
}

/** @throws AppError `unknown-method` naming the known ones */
export function methodOf(id: string): DataMethod {
	const method = METHODS.get(id);
	if (method !== undefined) return method;
	throw new AppError(`There is no data method "${id}"; known are ${[...METHODS.keys()].join(', ')}.`, {
		code: 'unknown-method',
		hint: 'Correct `pairs.method` in the recipe, or update this page.',
	});
}
