/** The published second models against WebLLM's own list, so that a new version of WebLLM shows what changed. */
import { prebuiltAppConfig, type ModelRecord } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { findSecondModel, SECOND_MODELS } from '#core/model/second/registry.ts';
import { downloadBytes, formFor, secondModelSource } from '#core/model/second/secondModel.ts';

const FORMS = ['q4f16_1', 'q4f32_1'] as const;
const CASES = SECOND_MODELS.flatMap((entry) => FORMS.map((form) => ({ entry, form, id: entry.id })));

function recordOf(name: string): ModelRecord | undefined {
	return prebuiltAppConfig.model_list.find(({ model_id }) => model_id === name);
}

test.each(CASES)('$id in $form is WebLLM’s', ({ entry, form }) => {
	const source = secondModelSource(entry, form);
	const record = recordOf(source.id);
	expect(source.library).toEqual({ place: 'folder', file: record?.model_lib, loraRank: 0 });
	expect(`${record?.model ?? ''}/resolve/main/`).toBe(source.url);
	expect((record?.vram_required_MB ?? 0) * 1e6).toBe(entry.forms[form].memoryBytes);
	expect(source.chatOptions).toMatchObject(record?.overrides ?? {});
});

test('a device without shader-f16 takes the form that computes in f32', () => {
	expect(formFor(['shader-f16', 'subgroups'])).toBe('q4f16_1');
	expect(formFor(['subgroups'])).toBe('q4f32_1');
	expect(formFor([])).toBe('q4f32_1');
});

test('ids are unique, and any other has no entry', () => {
	expect(new Set(SECOND_MODELS.map(({ id }) => id)).size).toBe(SECOND_MODELS.length);
	expect(findSecondModel('Qwen3-4B')?.title).toBe('Qwen3 4B');
	expect(findSecondModel('anchor-1m')).toBeNull();
	expect(findSecondModel('__proto__')).toBeNull();
});

/** hidden, intermediate, layers, heads, key-value heads, vocabulary; a head has 128 numbers in all of them. */
const SHAPES: Readonly<Record<string, readonly [number, number, number, number, number, number]>> = {
	'Qwen2.5-1.5B-Instruct': [1536, 8960, 28, 12, 2, 151936],
	'Qwen2.5-3B-Instruct': [2048, 11008, 36, 16, 2, 151936],
	'Qwen3-1.7B': [2048, 6144, 28, 16, 8, 151936],
	'Qwen3-4B': [2560, 9728, 36, 32, 8, 151936],
	'Llama-3.2-3B-Instruct': [3072, 8192, 28, 24, 8, 128256],
};

describe('sizes follow from the shapes', () => {
	test.each(SECOND_MODELS)('$id', ({ id, parameters, weightBytes, ...entry }) => {
		const [hidden = 0, inner = 0, layers = 0, heads = 0, kvHeads = 0, vocabulary = 0] = SHAPES[id] ?? [];
		const attention = (2 * heads + 2 * kvHeads) * 128 * hidden;
		const matrices = vocabulary * hidden + layers * (attention + 3 * inner * hidden);
		const biases = id.startsWith('Qwen2.5') ? (heads + 2 * kvHeads) * 128 : 0;
		const headNorms = id.startsWith('Qwen3') ? 2 * 128 : 0;
		const vectors = layers * (2 * hidden + biases + headNorms) + hidden;
		expect(parameters).toBe(matrices + vectors);
		// 32 weights of 4 bits share a scale of 2 bytes.
		expect(weightBytes).toBe((matrices * 18) / 32 + 2 * vectors);
		expect(downloadBytes({ id, parameters, weightBytes, ...entry })).toBeGreaterThan(weightBytes);
	});
});
