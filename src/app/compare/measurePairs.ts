/** The effect of each pair of a run on the held-out loss, and the course of one pair over the stored adapters. */
import type { PairGradient } from '#core/loss/pairGradient.ts';
import { revisedHeldOut } from '#core/pair/heldOutPairs.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Measure } from '../async/measurement.svelte.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from '../run/run.svelte.ts';

/** Most held-out pairs behind the effects, and pairs behind the drift. */
const MOST_PAIRS = 64;

export interface HarmReport {
	/** Step of the adapter; 0 is the untrained one. */
	step: number;
	/** Number of held-out pairs, and their source: 0 and `none` if there are none. */
	heldOut: number;
	source: 'imported' | 'revised' | 'none';
	/** The most harmful first; without held-out pairs the largest gradient first. */
	pairs: readonly PairGradient[];
}

/** Measures at the adapter of the run's cursor. */
export function measureHarm(run: Run, engines: Engines): Measure<HarmReport> {
	return async (signal, onProgress) => {
		const { recipe } = run;
		const { pairs } = run.steps.pair;
		onProgress({ phase: 'Loading the model', done: 0, total: 0 });
		await engines.load(recipe.model, signal);
		const adapter = await run.currentAdapter();
		const { heldOut, source } = heldOutOf(run);
		let done = 0;
		const measured = await run.models.compute.pairGradients(
			{ recipe, pairs, heldOut, adapter, drift: thinned(pairs) },
			() => onProgress({ phase: 'Measuring the pairs', done: ++done, total: pairs.length }),
			signal,
		);
		const harm = ({ effect, gradNorm }: PairGradient): number => effect ?? gradNorm;
		return {
			...{ step: adapter?.step ?? 0, heldOut: heldOut.length, source },
			pairs: measured.toSorted((a, b) => harm(b) - harm(a)),
		};
	};
}

/** Imported held-out pairs; else the base model's held-out answers with the world's own revisions. */
function heldOutOf({ steps, recipe }: Run): {
	heldOut: readonly PreferencePair[];
	source: HarmReport['source'];
} {
	const imported = steps.pair.heldOut;
	if (imported.length > 0) return { heldOut: thinned(imported), source: 'imported' };
	const { answers = [] } = steps.evaluation.resultAt('greedy', 0) ?? {};
	const heldOut = thinned(revisedHeldOut(answers, recipe.reviser.seed));
	return { heldOut, source: heldOut.length > 0 ? 'revised' : 'none' };
}

function thinned(pairs: readonly PreferencePair[]): readonly PreferencePair[] {
	const every = Math.max(1, Math.ceil(pairs.length / MOST_PAIRS));
	return pairs.filter((_, i) => i % every === 0);
}

/** A pair at one stored adapter. */
export type PairPoint = PairGradient & { step: number };

/** One pair's loss, rewards and gradient norm at the untrained adapter and at every stored one. */
export function measureCourse(
	run: Run,
	engines: Engines,
	pair: PreferencePair,
): Measure<readonly PairPoint[]> {
	return async (signal, onProgress) => {
		const { recipe, steps } = run;
		onProgress({ phase: 'Loading the model', done: 0, total: 0 });
		await engines.load(recipe.model, signal);
		const drift = thinned(steps.pair.pairs);
		const kept = [0, ...steps.adapter.checkpoints];
		const points: PairPoint[] = [];
		for (const [i, step] of kept.entries()) {
			onProgress({ phase: 'Measuring the pair at each stored adapter', done: i, total: kept.length });
			const adapter = step === 0 ? null : await steps.adapter.read(step);
			if (step > 0 && adapter === null) continue;
			const job = { recipe, pairs: [pair], heldOut: [], adapter, drift };
			const [point] = await run.models.compute.pairGradients(job, () => undefined, signal);
			if (point !== undefined) points.push({ ...point, step });
		}
		return points;
	};
}
