/** How a model ranks pairs it was not trained on: TRL's rewards of each side, measured by the compute engine. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { HeldOutRewards } from '#core/evaluation/evaluation.ts';
import { meanEstimate, shareEstimate } from '#core/evaluation/intervals.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { ComputeEngine, SideLogps } from '#core/ports.ts';
import { inGroups } from '../async/groups.ts';
import type { PauseGate } from '../async/pauseGate.ts';

export class HeldOutRanking {
	readonly #compute: ComputeEngine;
	/** The base model's margins by pair id, nats: the same for every checkpoint. */
	#reference = new Map<string, number>();

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
		for await (const group of inGroups(pairs, signal, gate)) {
			await this.#readReference(group.filter(({ id }) => !this.#reference.has(id)));
			const policies = await this.#compute.tokenLogps(group, adapter);
			for (const [i, pair] of group.entries()) {
				const [policy, reference] = [policies[i], this.#reference.get(pair.id)];
				if (policy !== undefined && reference !== undefined && !('refused' in policy))
					margins.push(beta * (marginOf(policy) - reference));
				onPair();
			}
		}
		if (margins.length === 0) return null;
		const range = [Math.min(...margins), Math.max(...margins)] as const;
		return {
			accuracy: shareEstimate(margins.filter((margin) => margin > 0).length, margins.length),
			margin: meanEstimate(margins, { range }),
		};
	}

	/** A pair that cannot be read has no number, so it is refused again with the adapter. */
	async #readReference(pairs: readonly PreferencePair[]): Promise<void> {
		if (pairs.length === 0) return;
		for (const [i, read] of (await this.#compute.tokenLogps(pairs, null)).entries()) {
			const id = pairs[i]?.id;
			if (id !== undefined && !('refused' in read)) this.#reference.set(id, marginOf(read));
		}
	}
}

/** log π of the chosen side above that of the rejected one, nats. */
function marginOf({ chosen, rejected }: SideLogps): number {
	return sum(chosen) - sum(rejected);
}

function sum(values: Float32Array): number {
	return values.reduce((total, value) => total + value, 0);
}
