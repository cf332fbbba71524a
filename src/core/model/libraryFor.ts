/** Finds the compiled library that fits a model. */
import type { CompiledLibrary, LibraryWeights } from './compiledLibrary.ts';
import type { Llama3RopeScaling, ModelConfig } from './model.ts';

const SIZES = [
	'architecture',
	'hiddenSize',
	'intermediateSize',
	'layers',
	'heads',
	'kvHeads',
	'headDim',
	'vocabSize',
	'rmsNormEps',
	'ropeTheta',
	'tieWordEmbeddings',
	'attentionBias',
	'qkNorm',
] as const satisfies readonly (keyof CompiledLibrary['config'])[];
const SCALING_FIELDS = [
	'factor',
	'lowFreqFactor',
	'highFreqFactor',
	'originalMaxPositions',
] as const satisfies readonly (keyof Llama3RopeScaling)[];

/** The library that fits a model and the form of its weights, or null. Every field that the library fixes must be equal. */
export function libraryFor<Library extends CompiledLibrary>(
	libraries: readonly Library[],
	config: ModelConfig,
	weights: LibraryWeights,
): Library | null {
	const fits = (library: Library): boolean => library.weights === weights && computes(library.config, config);
	return libraries.find(fits) ?? null;
}

/** True if a program that was compiled for these sizes computes this model; the length of a chat is free. */
export function computes(compiled: Omit<ModelConfig, 'maxPositions'>, model: ModelConfig): boolean {
	const { ropeScaling: ours } = compiled;
	const { ropeScaling: theirs } = model;
	const same = SIZES.every((name) => equal(compiled[name], model[name]));
	if (ours === null || theirs === null) return same && ours === theirs;
	return same && SCALING_FIELDS.every((name) => equal(ours[name], theirs[name]));
}

/** Programs hold numbers in f32: 1e-5 and its nearest f32, which a GGUF file has, are the same. */
function equal(a: string | number | boolean, b: string | number | boolean): boolean {
	if (typeof a === 'number' && typeof b === 'number') return Math.fround(a) === Math.fround(b);
	return a === b;
}
