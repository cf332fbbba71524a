/** Finds the compiled library that fits a model. */
import type { CompiledLibrary, LibraryWeights } from './compiledLibrary.ts';
import type { Llama3RopeScaling, ModelConfig } from './model.ts';

const SCALING_FIELDS = [
	'factor',
	'lowFreqFactor',
	'highFreqFactor',
	'originalMaxPositions',
] as const satisfies readonly (keyof Llama3RopeScaling)[];

/**
 * The library that fits a model, or null. Every field that the library fixes must be equal.
 *
 * @param weights form of the model's folder; null if it is not known yet: any form fits
 */
export function libraryFor<Library extends CompiledLibrary>(
	libraries: readonly Library[],
	config: ModelConfig,
	weights: LibraryWeights | null,
): Library | null {
	const fits = (library: Library): boolean =>
		(weights === null || library.weights === weights) && computes(library.config, config);
	return libraries.find(fits) ?? null;
}

function computes(library: CompiledLibrary['config'], model: ModelConfig): boolean {
	const { ropeScaling: ours, ...fields } = library;
	const theirs = model.ropeScaling;
	const same = Object.entries(fields).every(([name, value]) =>
		equal(value, model[name as keyof typeof fields]),
	);
	if (ours === null || theirs === null) return same && ours === theirs;
	return same && SCALING_FIELDS.every((name) => equal(ours[name], theirs[name]));
}

/** Programs hold numbers in f32: 1e-5 and its nearest f32, which a GGUF file has, are the same. */
function equal(a: string | number | boolean, b: string | number | boolean): boolean {
	if (typeof a === 'number' && typeof b === 'number') return Math.fround(a) === Math.fround(b);
	return a === b;
}
