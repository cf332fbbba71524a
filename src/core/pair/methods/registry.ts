/** The data methods by id. To add one: write its file and name it here. */
import * as v from 'valibot';
import { AppError } from '../../errors.ts';
import { clair } from './clair.ts';
import { imported } from './imported.ts';
import type { DataMethod } from './method.ts';
import { offPolicyJudge } from './offPolicyJudge.ts';
import { onPolicyJudge } from './onPolicyJudge.ts';
import { strongerPreferred } from './strongerPreferred.ts';

const METHODS = new Map<string, DataMethod>();

/** The id of a registered method. */
export const methodIdSchema = v.pipe(
	v.string(),
	v.check(
		(id) => METHODS.has(id),
		({ input }) => `there is no data method ${unknownMethod(input)}`,
	),
);

/** @throws AppError `method-registered` if the id is in use */
export function registerMethod(method: DataMethod): void {
	if (METHODS.has(method.id)) {
		throw new AppError(`A data method "${method.id}" is registered already.`, { code: 'method-registered' });
	}
	METHODS.set(method.id, method);
}

for (const method of [clair, onPolicyJudge, offPolicyJudge, strongerPreferred, imported])
	registerMethod(method);

export function listMethods(): readonly DataMethod[] {
	return [...METHODS.values()];
}

/** Undefined if this version does not know the id: the recipe of a run that a newer version stored may name one. */
export function findMethod(id: string): DataMethod | undefined {
	return METHODS.get(id);
}

/** @throws AppError `unknown-method` naming the known ones */
export function methodOf(id: string): DataMethod {
	const method = findMethod(id);
	if (method !== undefined) return method;
	throw new AppError(`There is no data method ${unknownMethod(id)}.`, {
		code: 'unknown-method',
		hint: 'Correct `pairs.method` in the recipe, or update this page.',
	});
}

function unknownMethod(id: string): string {
	return `"${id}"; known are ${[...METHODS.keys()].join(', ')}`;
}
