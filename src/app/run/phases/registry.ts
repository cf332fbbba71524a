/** The phases in the order of a run. To add one: write its file, and name it here and in the phases of `core/run/run.ts`. */
import type { RunPhase } from '#core/run/run.ts';
import { answering } from './answering.ts';
import { evaluatingAfter } from './evaluatingAfter.ts';
import { evaluatingBefore } from './evaluatingBefore.ts';
import { judging } from './judging.ts';
import { loading } from './loading.ts';
import type { Phase } from './phase.ts';
import { revising } from './revising.ts';
import { sampling } from './sampling.ts';
import { training } from './training.ts';

/** Phases that make the pairs. */
export const DATA_PHASES: readonly Phase[] = [loading, sampling, answering, revising, judging];
/** Phases that learn from them. */
export const LEARNING_PHASES: readonly Phase[] = [evaluatingBefore, training, evaluatingAfter];

const BY_ID: ReadonlyMap<RunPhase, Phase> = new Map(
	[...DATA_PHASES, ...LEARNING_PHASES].map((phase) => [phase.id, phase]),
);

/** The record of a phase; null before the first and after the last. */
export function phaseOf(id: RunPhase): Phase | null {
	return BY_ID.get(id) ?? null;
}
