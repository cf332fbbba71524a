/**
 * WebLLM's prebuilt libraries. They have no LoRA records, so WebLLM answers as the base model only, and the compute engine answers
 * as the tuned model.
 */
import { DeviceError } from '../../errors.ts';
import type { LibraryWeights } from '../compiledLibrary.ts';

const SHADER_F16 = 'shader-f16';

export interface PrebuiltLibrary {
	/** Of its file, which is not compressed. */
	address: string;
	/** Form of the folders that it reads. */
	weights: LibraryWeights;
	/** True if its programs compute in f16: they need the GPU feature `shader-f16`. */
	needsF16: boolean;
	/** Most tokens of a chat here, as in the page's own libraries; the library itself would allow more. */
	contextWindow: number;
	/** Tokens that the model reads at once. */
	prefillChunk: number;
}

/** Host that a download asks. */
export const PREBUILT_HOST = 'raw.githubusercontent.com';

/** @param features of the GPU, by WebGPU's names */
export function hasFeatures({ needsF16 }: PrebuiltLibrary, features: readonly string[]): boolean {
	return !needsF16 || features.includes(SHADER_F16);
}

/** @throws DeviceError `webllm-needs-f16` if the GPU lacks the feature that the library needs */
export function expectFeatures(library: PrebuiltLibrary, title: string, features: readonly string[]): void {
	if (hasFeatures(library, features)) return;
	throw new DeviceError(
		`WebLLM’s library for ${title} computes in float16, and this graphics processor lacks ${SHADER_F16}.`,
		{
			code: 'webllm-needs-f16',
			hint: 'Nothing is missing for a run: answers, chat, scores and training use one engine and the same weights.',
			context: { feature: SHADER_F16 },
		},
	);
}
