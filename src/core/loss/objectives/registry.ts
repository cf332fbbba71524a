/** All objectives, by the id that recipes name. */
import { AppError } from '../../errors.ts';
import { apoDown } from './apoDown.ts';
import { apoZero } from './apoZero.ts';
import { compileObjective } from './compile.ts';
import { dpo } from './dpo.ts';
import type { CompiledObjective, Objective } from './objective.ts';
import { isObjectiveForm } from './settings.ts';
import { sft } from './sft.ts';

const compiled = new Map<string, CompiledObjective>(
	[apoZero, apoDown, dpo, sft].map((objective) => [objective.id, compileObjective(objective)]),
);

/** In the order of registration. */
export function listObjectives(): readonly CompiledObjective[] {
	return [...compiled.values()];
}

export const hasObjective = (id: string): boolean => compiled.has(id);

/** The ids for a message: "apo_zero, apo_down, dpo, sft". */
export const knownObjectives = (): string => [...compiled.keys()].join(', ');

/** @throws AppError `unknown-objective` naming the known ones */
export function objectiveOf(id: string): CompiledObjective {
	const objective = compiled.get(id);
	if (objective) return objective;
	throw new AppError(`There is no objective “${id}”.`, {
		code: 'unknown-objective',
		hint: `Choose one of ${knownObjectives()}.`,
		context: { id },
	});
}

/** An id must be usable as a name in generated code. */
const USABLE_ID = /^[a-z][a-z0-9_]*$/;

/**
 * Adds an objective, which recipes can then name.
 *
 * @throws AppError `objective-id` if the id is taken or not usable
 * @throws ExpressionError if its loss is not a usable expression
 */
export function registerObjective(objective: Objective): void {
	const { id } = objective;
	const taken = compiled.has(id) || isObjectiveForm(id);
	if (taken || !USABLE_ID.test(id)) {
		throw new AppError(`The objective's id “${id}” is ${taken ? 'taken' : 'not usable'}.`, {
			code: 'objective-id',
			hint: 'Choose another one, of small letters, digits and underscores.',
			context: { id },
		});
	}
	compiled.set(id, compileObjective(objective));
}
