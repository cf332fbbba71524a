/** A run as it is stored, made from the steps and put back into them. Weights and optimiser state go into checkpoints. */
import type { Judgement } from '#core/judgement/judgement.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Ancestor } from '#core/run/ancestry.ts';
import {
	RUN_SCHEMA,
	type GridOfRun,
	type MadeWith,
	type RunOrigin,
	type RunPhase,
	type RunRecord,
} from '#core/run/run.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { WireError } from '#core/errors.ts';
import type { PhaseSeconds } from './phaseClock.ts';
import type { TrafficLog } from './trafficLog.svelte.ts';
import { readNorms, storedNorms } from '../steps/adapterNorms.ts';
import type { Steps } from '../steps/steps.ts';

/** A run without the rows of its steps. */
export interface RunFacts extends MadeWith {
	id: string;
	edition: number;
	name: string;
	createdAt: string;
	origin: RunOrigin | null;
	/** Null if the run belongs to no grid. */
	grid: GridOfRun | null;
	recipe: Recipe;
	ancestry: readonly Ancestor[];
	phase: RunPhase;
	seconds: PhaseSeconds;
	failure: WireError | null;
	traffic: TrafficLog;
}

export function recordOf(facts: RunFacts, steps: Steps): RunRecord {
	const { sideEffects, headToHead } = steps.evaluation;
	const { untouched, panel } = sideEffects;
	for (const step of [steps.output, steps.answer, steps.revision, steps.judgement, steps.loss]) step.flush();
	const { origin, grid, traffic, ancestry, ...rest } = facts;
	const sent = traffic.stored();
	return {
		schema: RUN_SCHEMA,
		...rest,
		...(origin === null ? {} : { origin }),
		...(grid === null ? {} : { grid }),
		...ifAny('ancestry', ancestry),
		prompts: steps.prompt.prompts,
		heldOutPrompts: steps.prompt.heldOut,
		heldOutPairs: steps.pair.heldOut,
		outputs: steps.output.outputs,
		...ifAny('outputFaults', steps.output.faults),
		...ifAny('answers', steps.answer.outputs),
		// The store has no state for a row that is being asked: it waits.
		revisions: steps.revision.rows.map((row) =>
			row.state === 'asking' ? { ...row, state: 'waiting' } : row,
		),
		...ifAny('judgements', steps.judgement.rows.map(asWaiting)),
		...(sent === null ? {} : { sent }),
		pairs: steps.pair.pairs,
		...ifAny('tokens', steps.batch.kept),
		plan: steps.loss.plan,
		// Copies, because these lists grow while the record waits to be written.
		metrics: steps.loss.history.slice(),
		trails: steps.loss.trails.slice(),
		checkpoints: steps.adapter.stored,
		...ifAny('norms', steps.adapter.measuredNorms.map(storedNorms)),
		heldOut: steps.evaluation.results,
		...ifAny('untouched', untouched),
		...ifAny('panel', panel),
		...ifAny('headToHead', headToHead.results),
	};
}

/** A list that a record holds only if it has rows. */
function ifAny<Name extends string, Row>(
	name: Name,
	rows: readonly Row[],
): Partial<Record<Name, readonly Row[]>> {
	return rows.length === 0 ? {} : ({ [name]: rows } as Record<Name, readonly Row[]>);
}

function asWaiting(row: Judgement): Judgement {
	return row.state === 'asking' ? { ...row, state: 'waiting' } : row;
}

/** Fills the steps of a new run with the rows of a stored one. */
export function restoreSteps(record: RunRecord, steps: Steps): void {
	const { prompt, output, answer, revision, judgement, pair, batch, loss, adapter, evaluation } = steps;
	const { source, stages } = methodOf(record.recipe.pairs.method);
	prompt.restore(record.prompts, record.heldOutPrompts);
	output.prepare(record.prompts, record.outputs, record.outputFaults);
	answer.prepare(record.prompts, record.answers);
	if (stages.includes('revisions')) revision.prepare(output.outputs, record.revisions);
	judgement.prepare(record.judgements ?? [], record.judgements);
	const trained = record.metrics.length > 0;
	// Imported pairs do not follow revisions.
	const given = source === 'pairs';
	pair.restore(trained || given ? record.pairs : null, record.heldOutPairs);
	batch.restore(record.tokens);
	const done = record.metrics.at(-1)?.step === record.recipe.training.steps;
	loss.restore(record.metrics, record.trails, record.plan, trained ? (done ? 'done' : 'stopped') : 'idle');
	adapter.restore(record.checkpoints, record.norms?.map(readNorms));
	const { untouched = [], panel = [], headToHead = [] } = record;
	evaluation.restore(record.heldOut, { untouched, panel }, headToHead);
}
