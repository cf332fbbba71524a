/** Whole tiny models as the files that users have: a folder of safetensors, and a GGUF file. */
import { bytesOf, writeTypedSafetensors } from './checkpointFiles.ts';
import {
	CHAT_TEMPLATE,
	safetensorsOf,
	TINY_CONFIG,
	TINY_TOKENIZER,
	tinyGguf,
	tinyNumbers,
} from './tinyCheckpoints.ts';

export interface TinyFile {
	path: string;
	file: Blob;
}

const json = (value: unknown): Blob => new Blob([JSON.stringify(value)]);

/** A folder as `save_pretrained` writes it, in one or two files of weights. */
export function tinyFolder(name = 'tiny-llama'): readonly TinyFile[] {
	return [
		{ path: `${name}/config.json`, file: json(TINY_CONFIG) },
		{ path: `${name}/generation_config.json`, file: json({ eos_token_id: [0, 7] }) },
		{ path: `${name}/tokenizer.json`, file: json(TINY_TOKENIZER) },
		{
			path: `${name}/tokenizer_config.json`,
			file: json({ eos_token: '<|end|>', chat_template: CHAT_TEMPLATE }),
		},
		{ path: `${name}/model.safetensors`, file: new Blob([safetensorsOf(tinyNumbers(), 'BF16')]) },
	];
}

export function tinyGgufFile(name = 'tiny-llama-F32.gguf'): TinyFile {
	return { path: name, file: new Blob([tinyGguf()]) };
}

/** The same folder with its weights in two files and their index. */
export function tinySplitFolder(name = 'tiny-split'): readonly TinyFile[] {
	const entries = Object.entries(tinyNumbers());
	const files = [0, 1].map((half) => ({
		file: `model-0000${half + 1}-of-00002.safetensors`,
		tensors: entries.filter((_, i) => i % 2 === half),
	}));
	const weight_map = Object.fromEntries(
		files.flatMap(({ file, tensors }) => tensors.map(([tensor]) => [tensor, file])),
	);
	return [
		...tinyFolder(name).filter(({ path }) => !path.endsWith('.safetensors')),
		{ path: `${name}/model.safetensors.index.json`, file: json({ weight_map }) },
		...files.map(({ file, tensors }) => ({
			path: `${name}/${file}`,
			file: new Blob([
				writeTypedSafetensors(
					tensors.map(([tensor, { shape, data }]) => ({
						name: tensor,
						dtype: 'F32',
						shape,
						bytes: bytesOf(data),
					})),
				),
			]),
		})),
	];
}
