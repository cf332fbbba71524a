/** Choosing pairs of a set by text, family, method, measures, cut answers and edits. Pure. */
import { type PairContrast, pairContrast } from '../contrast.ts';
import type { SetPair } from './keptSet.ts';

/** The measures that a filter has a range for. */
const SET_MEASURES = ['jaccard', 'levenshteinRelative', 'lengthRatio', 'scoreDifference'] as const;
export type SetMeasure = (typeof SET_MEASURES)[number];

/** Both ends included; null leaves an end open. */
export interface MeasureRange {
	from: number | null;
	to: number | null;
}

export interface SetFilter {
	/** Found in the prompt or in one of the answers, in any case; empty finds all. */
	text: string;
	/** Families of prompts; null is that of prompts without one. An empty list takes all. */
	families: readonly (string | null)[];
	/** Ids of data methods; an empty list takes all. */
	methods: readonly string[];
	ranges: Readonly<Partial<Record<SetMeasure, MeasureRange>>>;
	/** cut: pairs with an answer that was cut at the limit of tokens. whole: pairs without one. */
	cut: 'all' | 'cut' | 'whole';
	edited: 'all' | 'edited' | 'unedited';
}

export const NO_FILTER: SetFilter = {
	text: '',
	families: [],
	methods: [],
	ranges: {},
	cut: 'all',
	edited: 'all',
};

/** True for a filter that takes every pair. */
export function takesAll(filter: SetFilter): boolean {
	const { text, families, methods, cut, edited } = filter;
	const isOpen = text.trim() === '' && cut === 'all' && edited === 'all';
	return isOpen && families.length === 0 && methods.length === 0 && !needsMeasures(filter);
}

/** True if a range limits a measure. */
export function needsMeasures({ ranges }: SetFilter): boolean {
	return Object.values(ranges).some(({ from, to }) => from !== null || to !== null);
}

/**
 * The pairs that the filter takes, in the set's order.
 *
 * @param contrastOf measures of a pair; computes them if absent. A range leaves out pairs without the measure
 */
export function filterPairs(
	pairs: readonly SetPair[],
	filter: SetFilter,
	contrastOf: (pair: SetPair) => PairContrast = pairContrast,
): readonly SetPair[] {
	const needle = filter.text.trim().toLowerCase();
	const measured = needsMeasures(filter);
	return pairs.filter(
		(pair) =>
			hasText(pair, needle) && hasKind(pair, filter) && (!measured || isInRanges(contrastOf(pair), filter)),
	);
}

function hasText({ prompt, chosen, rejected }: SetPair, needle: string): boolean {
	return needle === '' || [prompt.text, chosen, rejected].some((text) => text.toLowerCase().includes(needle));
}

function hasKind(pair: SetPair, { families, methods, cut, edited }: SetFilter): boolean {
	const isIn = <T>(list: readonly T[], value: T): boolean => list.length === 0 || list.includes(value);
	return (
		isIn(families, pair.prompt.family) &&
		isIn(methods, pair.method) &&
		(cut === 'all' || (cut === 'cut') === isCut(pair)) &&
		(edited === 'all' || (edited === 'edited') === pair.edited)
	);
}

/** True if an answer of the pair was cut at the limit of tokens. */
export function isCut({ open }: SetPair): boolean {
	return open !== undefined && (open.chosen || open.rejected);
}

function isInRanges(contrast: PairContrast, { ranges }: SetFilter): boolean {
	return SET_MEASURES.every((measure) => {
		const { from = null, to = null } = ranges[measure] ?? {};
		if (from === null && to === null) return true;
		const value = contrast[measure];
		return value !== null && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
	});
}
