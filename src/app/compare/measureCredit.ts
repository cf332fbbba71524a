/** Token credit over all pairs of a run: the share of the rewards that belongs to the edits. */
import { pairCredit } from '#core/loss/credit.ts';
import { addCredit, NO_CREDIT, type CreditShare } from '#core/loss/creditShare.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Tokenized } from '#core/ports.ts';
import { inGroups } from '../async/groups.ts';
import type { Measure } from '../async/measurement.svelte.ts';
import { bothLogps } from '../engines/bothLogps.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from '../run/run.svelte.ts';

export interface SetCredit {
	/** Step of the adapter. */
	step: number;
	share: CreditShare;
	/** Pairs that the model cannot read. */
	leftOut: number;
}

/** Measures with the adapter of the run's cursor. With the untrained adapter all credit is 0. */
export function measureSetCredit(run: Run, engines: Engines): Measure<SetCredit> {
	return async (signal, onProgress) => {
		onProgress({ phase: 'Loading the model', done: 0, total: 0 });
		await engines.load(run.recipe.model, signal);
		const adapter = await run.currentAdapter();
		const { pairs } = run.steps.pair;
		let share = NO_CREDIT;
		let leftOut = 0;
		let done = 0;
		for await (const group of inGroups(pairs, signal)) {
			onProgress({ phase: 'Measuring the tokens', done, total: pairs.length });
			for (const credited of await creditOf(run, group, adapter)) {
				if (credited === null) leftOut++;
				else share = addCredit(share, credited);
			}
			done += group.length;
		}
		return { step: adapter?.step ?? 0, share, leftOut };
	};
}

/** Null for a pair that the model cannot read. */
async function creditOf(
	{ recipe, steps, models }: Run,
	pairs: readonly PreferencePair[],
	adapter: Adapter | null,
) {
	const { beta } = recipe.objective;
	const read = await bothLogps(models.compute, pairs, adapter);
	return Promise.all(
		pairs.map(async (pair, i) => {
			const both = read[i];
			if (!both) return null;
			const tokens = await steps.batch.tokens(pair);
			return {
				ids: { chosen: completionOf(tokens.chosen), rejected: completionOf(tokens.rejected) },
				credit: pairCredit(both.policy, both.reference, beta),
			};
		}),
	);
}

function completionOf({ ids, completionStart }: Tokenized): readonly number[] {
	return ids.slice(completionStart);
}
