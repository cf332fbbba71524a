/** How the two sides of a pair differ, and which words carry the difference in a set. Pure. */
import { diffWords, measureContrast } from '../revision/measures.ts';
import type { ContrastMeasures } from '../revision/revision.ts';
import { scoreAnswer } from '../world/registry.ts';
import type { PreferencePair } from './pair.ts';

export interface PairContrast extends ContrastMeasures {
	/** Chosen minus rejected score by the rubric; null if the prompt has none. */
	scoreDifference: number | null;
}

/** From the rejected side to the chosen one. */
export function pairContrast({ prompt, chosen, rejected }: PreferencePair): PairContrast {
	const [better, worse] = [chosen, rejected].map((text) => scoreAnswer(prompt.text, text)?.score);
	const scoreDifference = better === undefined || worse === undefined ? null : better - worse;
	return { ...measureContrast(rejected, chosen), scoreDifference };
}

/** One value per pair, in the pairs' order. */
export interface SetMeasures {
	jaccard: readonly number[];
	levenshteinRelative: readonly number[];
	lengthRatio: readonly number[];
	/** Of pairs with a rubric. */
	scoreDifference: readonly number[];
}

export interface SetContrast extends SetMeasures {
	/** Words that most pairs add, and those that most pairs remove. */
	added: readonly WordCount[];
	removed: readonly WordCount[];
}

export interface WordCount {
	word: string;
	/** Pairs that add it minus pairs that remove it, or the other way round; above 0. */
	pairs: number;
}

/** Words that are named. */
const MOST_WORDS = 8;

export function setContrast(pairs: readonly PreferencePair[]): SetContrast {
	return { ...setMeasures(pairs.map(pairContrast)), ...carriers(pairs) };
}

export function setMeasures(contrasts: readonly PairContrast[]): SetMeasures {
	return {
		jaccard: contrasts.map(({ jaccard }) => jaccard),
		levenshteinRelative: contrasts.map(({ levenshteinRelative }) => levenshteinRelative),
		lengthRatio: contrasts.map(({ lengthRatio }) => lengthRatio),
		scoreDifference: contrasts.flatMap(({ scoreDifference }) => scoreDifference ?? []),
	};
}

/** Words in one direction only: a word that one pair adds and another removes says nothing about the set. */
function carriers(pairs: readonly PreferencePair[]): Pick<SetContrast, 'added' | 'removed'> {
	const net = new Map<string, number>();
	for (const { chosen, rejected } of pairs) {
		const { added, removed } = changedWords(rejected, chosen);
		for (const word of added) if (!removed.has(word)) net.set(word, (net.get(word) ?? 0) + 1);
		for (const word of removed) if (!added.has(word)) net.set(word, (net.get(word) ?? 0) - 1);
	}
	const most = (sign: 1 | -1): readonly WordCount[] =>
		[...net]
			.map(([word, count]) => ({ word, pairs: count * sign }))
			.filter(({ pairs: count }) => count > 0)
			.toSorted((a, b) => b.pairs - a.pairs || (a.word < b.word ? -1 : 1))
			.slice(0, MOST_WORDS);
	return { added: most(1), removed: most(-1) };
}

/** Words of the diff, in lower case. */
export function changedWords(
	rejected: string,
	chosen: string,
): { added: ReadonlySet<string>; removed: ReadonlySet<string> } {
	const pieces = diffWords(rejected, chosen);
	const words = (kind: 'added' | 'removed'): ReadonlySet<string> =>
		new Set(
			pieces
				.filter((piece) => piece.kind === kind)
				.flatMap(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? []),
		);
	return { added: words('added'), removed: words('removed') };
}
