/**
 * Writes a set as a file: TRL's rows with more columns, so that one file is for this page and for other tools. Every row has the
 * same columns. `set` has the set's name and origins, in the first row only; `measures` are for readers, and importPairs.ts computes
 * them again. The columns are read in setColumns.ts.
 */
import { writeJsonLines } from '../../format/jsonl.ts';
import { pairContrast } from '../contrast.ts';
import { trlRow } from '../jsonl.ts';
import type { KeptSet, SetPair } from './keptSet.ts';

export const SET_FILE_ENDING = '.pairs.jsonl';

/** One line per pair, in the set's order. */
export function writeSetJsonl({ name, origins, pairs }: Pick<KeptSet, 'name' | 'origins' | 'pairs'>): string {
	return writeJsonLines(
		pairs.map((pair, i) => ({
			...trlRow(pair),
			open: pair.open ?? null,
			provenance: provenanceOf(pair),
			measures: measuresOf(pair),
			set: i === 0 ? { name, origins } : null,
		})),
	);
}

function provenanceOf({ prompt, method, edited, from, by, origin, before }: SetPair) {
	return {
		...{ family: prompt.family, method, edited, from },
		...{ by: by ?? null, origin: origin ?? null, before: before ?? null },
	};
}

function measuresOf(pair: SetPair) {
	const { jaccard, levenshtein, levenshteinRelative, lengthRatio, scoreDifference } = pairContrast(pair);
	return {
		...{ token_jaccard: jaccard, levenshtein, levenshtein_relative: levenshteinRelative },
		...{ length_ratio: lengthRatio, score_difference: scoreDifference },
	};
}
