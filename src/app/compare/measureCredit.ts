/** Token credit over all pairs of a run: the share of the rewards that belongs to the edits. */
import { isRowFault } from '#core/batch/rowFaults.ts';
import { asAppError, Cancelled } from '#core/errors.ts';
import { tokenCredit } from '#core/loss/credit.ts';
import { addCredit, NO_CREDIT, type CreditShare } from '#core/loss/creditShare.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Tokenized } from '#core/ports.ts';
import type { Measure } from '../async/measurement.svelte.ts';
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
		for (const [done, pair] of pairs.entries()) {
			if (signal.aborted) throw new Cancelled();
			onProgress({ phase: 'Measuring the tokens', done, total: pairs.length });
			const credited = await creditOf(run, pair, adapter);
			if (credited === null) leftOut++;
			else share = addCredit(share, credited);
		}
		return { step: adapter?.step ?? 0, share, leftOut };
	};
}

/** Null if the model cannot read the pair. */
async function creditOf({ recipe, steps, models }: Run, pair: PreferencePair, adapter: Adapter | null) {
	const { compute } = models;
	try {
		const tokens = await steps.batch.tokens(pair);
		const reference = await compute.tokenLogps(pair, null);
		const policy = await compute.tokenLogps(pair, adapter);
		const { beta } = recipe.objective;
		return {
			ids: { chosen: completionOf(tokens.chosen), rejected: completionOf(tokens.rejected) },
			credit: {
				chosen: tokenCredit(policy.chosen, reference.chosen, beta),
				rejected: tokenCredit(policy.rejected, reference.rejected, beta),
			},
		};
	} catch (error) {
		if (isRowFault(asAppError(error))) return null;
		throw error;
	}
}

function completionOf({ ids, completionStart }: Tokenized): readonly number[] {
	return ids.slice(completionStart);
}
