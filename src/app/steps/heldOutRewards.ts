/** How a model ranks pairs it was not trained on: TRL's rewards of each side, measured by the compute engine. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { isRowFault } from '#core/batch/rowFaults.ts';
import { asAppError, Cancelled } from '#core/errors.ts';
import type { HeldOutRewards } from '#core/evaluation/evaluation.ts';
import { meanEstimate, shareEstimate } from '#core/evaluation/intervals.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { PauseGate } from '../async/pauseGate.ts';

/** Summed log-probabilities of the completions, nats. */
interface SideLogps {
	chosen: number;
	rejected: number;
}

export class HeldOutRanking {
	readonly #compute: ComputeEngine;
	/** The base model's, by pair id: the same for every checkpoint. */
	#reference = new Map<string, SideLogps>();

	constructor(compute: ComputeEngine) {
		this.#compute = compute;
	}

	/** Forgets the base model's numbers, because the pairs or the model changed. */
	clear(): void {
		this.#reference.clear();
	}

	/**
	 * A pair that the model cannot read is left out: both counts say how many pairs were measured.
	 *
	 * @returns null if no pair could be measured
	 * @throws Cancelled · the engine's errors
	 */
	async measure(
		pairs: readonly PreferencePair[],
		{ adapter, beta }: { adapter: Adapter; beta: number },
		gate: PauseGate,
		signal: AbortSignal,
		onPair: () => void,
	): Promise<HeldOutRewards | null> {
		const margins: number[] = [];
		for (const pair of pairs) {
			await gate.pass(signal);
			const margin = await this.#margin(pair, adapter);
			if (signal.aborted) throw new Cancelled();
			if (margin !== null) margins.push(beta * margin);
			onPair();
		}
		if (margins.length === 0) return null;
		const range = [Math.min(...margins), Math.max(...margins)] as const;
		return {
			accuracy: shareEstimate(margins.filter((margin) => margin > 0).length, margins.length),
			margin: meanEstimate(margins, { range }),
		};
	}

	/** Difference of the sides' log-ratios, nats; null if the model cannot read the pair. */
	async #margin(pair: PreferencePair, adapter: Adapter): Promise<number | null> {
		try {
			const reference = this.#reference.get(pair.id) ?? (await this.#logps(pair, null));
			this.#reference.set(pair.id, reference);
			const policy = await this.#logps(pair, adapter);
			return policy.chosen - reference.chosen - (policy.rejected - reference.rejected);
		} catch (error) {
			if (isRowFault(asAppError(error))) return null;
			throw error;
		}
	}

	async #logps(pair: PreferencePair, adapter: Adapter | null): Promise<SideLogps> {
		const { chosen, rejected } = await this.#compute.tokenLogps(pair, adapter);
		return { chosen: sum(chosen), rejected: sum(rejected) };
	}
}

function sum(values: Float32Array): number {
	return values.reduce((total, value) => total + value, 0);
}
