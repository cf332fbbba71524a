/** All objectives, by the id that recipes name. */
import { AppError } from '../../errors.ts';
import { apoDown } from './apoDown.ts';
import { apoZero } from './apoZero.ts';
import { apoZeroUnpaired } from './apoZeroUnpaired.ts';
import { bcoPair } from './bcoPair.ts';
import { cpo } from './cpo.ts';
import { discopop } from './discopop.ts';
import { dpo } from './dpo.ts';
import { exoPair } from './exoPair.ts';
import { hinge } from './hinge.ts';
import { ipo } from './ipo.ts';
import { kto } from './kto.ts';
import { ncaPair } from './ncaPair.ts';
import { orpo } from './orpo.ts';
import { robust } from './robust.ts';
import { sft } from './sft.ts';
import { sigmoidNorm } from './sigmoidNorm.ts';
import { simpo } from './simpo.ts';
import { sppoHard } from './sppoHard.ts';
import { compileObjective } from './compile.ts';
import type { CompiledObjective, Objective } from './objective.ts';
import { isObjectiveForm } from './settings.ts';

/** The objectives that the paper of APO compares. */
const IN_PAPER: readonly Objective[] = [apoZero, apoDown, dpo, kto, sft];
/** TRL's others. Its `aot` and `aot_unpaired` are missing, because they sort the batch: no pair has a loss of its own. */
const OTHERS: readonly Objective[] = [
	ipo,
	hinge,
	robust,
	exoPair,
	sigmoidNorm,
	discopop,
	simpo,
	apoZeroUnpaired,
	ncaPair,
	bcoPair,
	sppoHard,
	orpo,
	cpo,
];

const registered = new Map<string, Objective>(
	[...IN_PAPER, ...OTHERS].map((objective) => [objective.id, objective]),
);
/** Compiled at first use. */
const compiled = new Map<string, CompiledObjective>();

/** True for the objectives that the paper of APO compares. */
export const isInPaper = (id: string): boolean => IN_PAPER.some((objective) => objective.id === id);

/** In the order of registration. */
export function listObjectives(): readonly CompiledObjective[] {
	return [...registered.keys()].map(objectiveOf);
}

/** Their texts, in the same order; compiles nothing. */
export const registeredObjectives = (): readonly Objective[] => [...registered.values()];

export const hasObjective = (id: string): boolean => registered.has(id);

/** The ids for a message: "apo_zero, apo_down, dpo, …". */
export const knownObjectives = (): string => [...registered.keys()].join(', ');

/** @throws AppError `unknown-objective` naming the known ones */
export function objectiveOf(id: string): CompiledObjective {
	const known = compiled.get(id);
	if (known) return known;
	const objective = registered.get(id);
	if (objective) {
		const made = compileObjective(objective);
		compiled.set(id, made);
		return made;
	}
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
	const taken = registered.has(id) || isObjectiveForm(id);
	if (taken || !USABLE_ID.test(id)) {
		throw new AppError(`The objective's id “${id}” is ${taken ? 'taken' : 'not usable'}.`, {
			code: 'objective-id',
			hint: 'Choose another one, of small letters, digits and underscores.',
			context: { id },
		});
	}
	compiled.set(id, compileObjective(objective));
	registered.set(id, objective);
}
