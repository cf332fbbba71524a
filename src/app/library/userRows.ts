/** The rows that the user has beside the runs: imported prompts and pairs, and the kept sets of pairs. */
import { type ImportedData, ImportedPairs, ImportedPrompts } from '../recipe/importedData.svelte.ts';
import { PairSets, type SetPorts } from './pairSets.svelte.ts';

export type UserRows = ImportedData & { readonly sets: PairSets };

export function openUserRows(ports: SetPorts): UserRows {
	return { prompts: new ImportedPrompts(), pairs: new ImportedPairs(), sets: new PairSets(ports) };
}
