/** Why the answers' log-probabilities changed over the last steps before the cursor: the request to the compute engine. */
import { AppError } from '#core/errors.ts';
import type { SpanAttribution } from '#core/loss/attribution.ts';
import type { SpanJob, TrainerState } from '#core/ports.ts';
import type { Measure } from '../async/measurement.svelte.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from '../run/run.svelte.ts';
import type { Steps } from '../steps/steps.ts';

/** Steps that a span can have; null is all from the first. */
export const SPANS = [1, 10, null] as const;
export type SpanLength = (typeof SPANS)[number];

/** Most pairs that are measured; their forward passes are most of the work. */
const MOST_PROBES = 16;

/** First and last step of the span that ends at the shown step. */
export function spanAt(shown: number, length: SpanLength): { from: number; to: number } {
	const to = Math.max(1, shown);
	return { from: length === null ? 1 : Math.max(1, to - length + 1), to };
}

export function measureSpan(
	run: Run,
	engines: Engines,
	length: SpanLength,
	tracked: string | null,
): Measure<SpanAttribution> {
	return async (signal, onProgress) => {
		const { steps, recipe } = run;
		const { pairs } = steps.pair;
		if (pairs.length === 0) throw noPairs();
		const { from, to } = spanAt(run.cursor.shown, length);
		onProgress({ phase: 'Loading the model', done: 0, total: 0 });
		await engines.load(recipe.model, signal);
		const start = await stateBefore(steps, from);
		const job: SpanJob = { recipe, pairs, start, from, to, probes: probesOf(steps, from, to, tracked) };
		return run.models.compute.attributeSpan(job, onProgress, signal);
	};
}

/** The nearest stored state before a step; null if there is none: then the steps are taken again from the start. */
async function stateBefore({ adapter }: Steps, step: number): Promise<TrainerState | null> {
	for (const at of adapter.checkpoints.filter((kept) => kept < step).toReversed()) {
		const state = await adapter.readState(at);
		if (state !== null) return state;
	}
	return null;
}

/** The tracked pair, and the pairs of the steps, evenly thinned. */
function probesOf({ batch }: Steps, from: number, to: number, tracked: string | null): string[] {
	const ids = new Set<string>();
	for (let step = from; step <= to; step++) for (const { id } of batch.pairsOf(step)) ids.add(id);
	const all = [...ids];
	const every = Math.max(1, Math.ceil(all.length / MOST_PROBES));
	const some = all.filter((_, i) => i % every === 0);
	return [...new Set(tracked === null ? some : [tracked, ...some])];
}

function noPairs(): AppError {
	return new AppError('There are no pairs to measure.', {
		code: 'no-pairs',
		hint: 'Open a run that has trained.',
	});
}
