/** Splitting a set into parts. Pairs of one prompt stay together, so that no part knows a prompt of another. */
import { rng } from '../../math/rng.ts';
import type { SetPair } from './keptSet.ts';

export interface SetPart {
	/** “70%”, or the family. */
	label: string;
	pairs: readonly SetPair[];
}

/**
 * Two parts by a share of the prompts; the same set, share and seed give the same parts, each in the set's order.
 *
 * @param share of the first part, in (0, 1); each part gets at least one prompt if there are two
 */
export function splitByShare(pairs: readonly SetPair[], share: number, seed: number): readonly SetPart[] {
	const prompts = [...new Set(pairs.map(({ prompt }) => prompt.text))];
	const size = Math.min(Math.max(1, Math.round(share * prompts.length)), prompts.length - 1);
	const first = new Set(rng(seed).fork('set-split').shuffle(prompts).slice(0, Math.max(0, size)));
	const isFirst = ({ prompt }: SetPair): boolean => first.has(prompt.text);
	const percent = Math.round(share * 100);
	return [
		{ label: `${percent}%`, pairs: pairs.filter(isFirst) },
		{ label: `${100 - percent}%`, pairs: pairs.filter((pair) => !isFirst(pair)) },
	].filter((part) => part.pairs.length > 0);
}

/** One part for each family, in the order of their first pairs. */
export function splitByFamily(pairs: readonly SetPair[]): readonly SetPart[] {
	const parts = new Map<string | null, SetPair[]>();
	for (const pair of pairs) {
		const part = parts.get(pair.prompt.family);
		if (part === undefined) parts.set(pair.prompt.family, [pair]);
		else part.push(pair);
	}
	return [...parts].map(([family, list]) => ({ label: family ?? 'no family', pairs: list }));
}
