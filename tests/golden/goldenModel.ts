/** The golden models and adapters in the decoder's form. */
import { readPeftAdapter } from '#core/adapter/peft.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { readSafetensors } from '#core/format/safetensors.ts';
import { configFromHf } from '#core/model/config.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';

/** Bytes of a golden file by its path: from disk in Node, fetched beforehand in a browser. */
export type ReadGolden = (path: string) => Uint8Array;

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is the caller's statement
export function readJson<T>(read: ReadGolden, path: string): T {
	return JSON.parse(new TextDecoder().decode(read(path))) as T;
}

export interface Example {
	prompt_ids: number[];
	chosen_ids: number[];
	rejected_ids: number[];
}

/** Files that {@link goldenDecoder}, {@link goldenAdapter} and {@link goldenPairs} read. */
export function modelFiles(folder: string): string[] {
	return [
		'config.json',
		'model.safetensors',
		'adapter/adapter_model.safetensors',
		'adapter/adapter_config.json',
		'batch.json',
	].map((name) => `${folder}/${name}`);
}

export function goldenDecoder(read: ReadGolden, folder: string): Decoder {
	const { tensors } = readSafetensors(read(`${folder}/model.safetensors`));
	return createDecoder(configFromHf(readJson(read, `${folder}/config.json`)), tensors);
}

/** @param weights another safetensors file with the same configuration */
export function goldenAdapter(
	read: ReadGolden,
	folder: string,
	weights = `${folder}/adapter/adapter_model.safetensors`,
): Adapter {
	return readPeftAdapter(read(weights), readJson(read, `${folder}/adapter/adapter_config.json`));
}

export function goldenPairs(read: ReadGolden, folder: string): TokenizedPair[] {
	return readJson<{ examples: Example[] }>(read, `${folder}/batch.json`).examples.map((example, i) => ({
		id: `example-${i}`,
		promptIds: example.prompt_ids,
		chosenIds: example.chosen_ids,
		rejectedIds: example.rejected_ids,
		truncated: false,
	}));
}

/** Largest |a − b|; Infinity if the lengths differ or a number is not finite. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
	if (a.length !== b.length) return Infinity;
	let largest = 0;
	for (let i = 0; i < a.length; i++) {
		const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
		if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
	}
	return largest;
}
