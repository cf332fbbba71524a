/** How WebLLM applies an adapter: which way its library allows for the adapter's rank. */
import type { LibraryWeights } from '../model/compiledLibrary.ts';
import type { ModelLibrary } from '../model/model.ts';

/**
 * `beside`: written into LoRA records beside the weights. `merged`: added to the weights and rounded to their form. `compute`:
 * WebLLM cannot apply it, so the compute engine answers with it.
 */
export type AdapterPlacement = 'beside' | 'merged' | 'compute';

/** Forms of weights into which an adapter can be merged. A 4-bit matrix would lose the change when it is rounded again. */
export type MergeForm = 'f32' | Extract<LibraryWeights, 'f16' | 'bf16'>;

/** The form of the weights that the library reads; null if no adapter is merged into them. */
export function mergeForm(library: ModelLibrary): MergeForm | null {
	if (library.place === 'folder') return 'f32';
	if (library.place === 'prebuilt') return null;
	const { weights } = library.compiled;
	return weights === 'f16' || weights === 'bf16' ? weights : null;
}

/** The largest rank that fits beside the weights. */
export function largestRank(library: ModelLibrary): number {
	if (library.place === 'prebuilt') return 0;
	const rank = library.place === 'folder' ? library.loraRank : library.compiled.loraRank;
	return rank === 'any' ? Infinity : rank;
}

/** @param rank of the adapter */
export function adapterPlacement(library: ModelLibrary | null, rank: number): AdapterPlacement {
	if (library === null) return 'compute';
	if (rank <= largestRank(library)) return 'beside';
	return mergeForm(library) === null ? 'compute' : 'merged';
}
