/**
 * Second models: published models that WebLLM runs beside the target, to revise its answers. WebLLM's project publishes
 * each in two forms and compiles the library of each; the page downloads both once.
 */
import type { ModelLicense } from '../license.ts';
import type { ModelSource } from '../model.ts';

/** q4f16_1 computes in f16 and needs the GPU feature `shader-f16`; q4f32_1 computes in f32. Both have 4-bit weights. */
export type SecondModelForm = 'q4f16_1' | 'q4f32_1';

export interface SecondModelEntry {
	/** The recipe's `reviser.model`: the published name without the form, so that a recipe suits every device. */
	id: string;
	title: string;
	parameters: number;
	license: ModelLicense;
	/** Condition of the licence for a model that is trained with the replies; empty if there is none. */
	licenseNote: string;
	/** One sentence for the choice between the models. */
	goodFor: string;
	/** Bytes of the weights' files, equal in both forms: q4f32_1 stores its scales as bf16. */
	weightBytes: number;
	forms: Readonly<Record<SecondModelForm, { library: string; memoryBytes: number }>>;
	/** True if the model reasons in `<think>` tags unless the request switches it off. */
	thinks?: true;
}

/** Folder of WebLLM's compiled libraries, for the version of WebLLM that the page has. */
export const LIBRARY_FOLDER =
	'https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/';
const HUB = 'https://huggingface.co/mlc-ai/';
/** Hosts that a download asks, for the page's sentence about privacy. */
export const SECOND_MODEL_HOSTS = 'huggingface.co and raw.githubusercontent.com';
/** Tokenizer and library, which the weights' size does not count: 12 to 23 MB. */
const OTHER_FILES = 15e6;
/** Tokens of request and reply that WebLLM keeps room for, as in its own list. */
const CONTEXT_WINDOW = 4096;

export function downloadBytes({ weightBytes }: SecondModelEntry): number {
	return weightBytes + OTHER_FILES;
}

/** @param features of the GPU, by WebGPU's names */
export function formFor(features: readonly string[]): SecondModelForm {
	return features.includes('shader-f16') ? 'q4f16_1' : 'q4f32_1';
}

/** WebLLM's name of a form of a model, which the revisions keep. */
export function publishedName({ id }: SecondModelEntry, form: SecondModelForm): string {
	return `${id}-${form}-MLC`;
}

/** The files of a form, as both engines name a model. It has no LoRA. */
export function secondModelSource(entry: SecondModelEntry, form: SecondModelForm): ModelSource {
	const name = publishedName(entry, form);
	return {
		id: name,
		title: entry.title,
		url: `${HUB}${name}/resolve/main/`,
		library: { place: 'folder', file: `${LIBRARY_FOLDER}${entry.forms[form].library}`, loraRank: 0 },
		parameters: entry.parameters,
		origin: { place: 'hub', repository: `mlc-ai/${name}`, commit: 'main', page: `${HUB}${name}` },
		// The published setting for repetitions would work against copying the answer, which a revision mostly does.
		chatOptions: { context_window_size: CONTEXT_WINDOW, repetition_penalty: 1 },
	};
}
