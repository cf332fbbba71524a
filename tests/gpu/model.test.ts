/**
 * The golden llama on WebGPU, and equalities between ways to compute the same: packed and padded, kept and
 * recomputed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors } from '#core/format/safetensors.ts';
import { packBatch } from '#core/batch/pack.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { memoryReport } from '#engine/memory.ts';
import type { Decoder } from '#model/decoder.ts';
import { generateBatch } from '#model/generate.ts';
import {
	goldenAdapter,
	goldenDecoder,
	goldenPairs,
	largestDifference,
	modelFiles,
	readJson,
	type ReadGolden,
} from '#tests/golden/goldenModel.ts';
import { generateIds, logitsOf, openLora, pairGradients, sideLogps } from '#tests/golden/modelNumbers.ts';
import { fetchGoldens } from './fetchGoldens.ts';

const FOLDER = 'model-llama';

interface Expected {
	short_sequence: { ids: number[]; logits_adapter_off: number[][]; logits_adapter_on: number[][] };
	examples: Record<string, number[]>[];
}

let device: Device;
let read: ReadGolden;
let model: Decoder;

beforeAll(async () => {
	device = await openDevice({ backend: 'webgpu' });
	const own = ['expected.json', 'generation.json', 'grads.safetensors'].map((name) => `${FOLDER}/${name}`);
	read = await fetchGoldens([...modelFiles(FOLDER), ...own]);
	model = goldenDecoder(read, FOLDER);
});
afterAll(() => {
	model.dispose();
	expect(device.fault()).toBeNull();
});

describe('golden llama', () => {
	test('logits of every position, adapter off and on', async () => {
		const lora = openLora(model, goldenAdapter(read, FOLDER));
		const { ids, logits_adapter_off, logits_adapter_on } = readJson<Expected>(
			read,
			`${FOLDER}/expected.json`,
		).short_sequence;
		expect(largestDifference(await logitsOf(model, null, ids), logits_adapter_off.flat())).toBeLessThan(1e-4);
		expect(
			largestDifference(await logitsOf(model, lora.binding, ids), logits_adapter_on.flat()),
		).toBeLessThan(1e-4);
		lora.dispose();
	});

	test('log-probabilities of every completion token', async () => {
		const lora = openLora(model, goldenAdapter(read, FOLDER));
		const sides = await sideLogps(model, packBatch(goldenPairs(read, FOLDER)), lora.binding);
		const { examples } = readJson<Expected>(read, `${FOLDER}/expected.json`);
		for (const [i, example] of examples.entries()) {
			expect(largestDifference(sides[i]!.chosen.tokens, example['policy_chosen_token_logps']!)).toBeLessThan(
				1e-4,
			);
			expect(
				largestDifference(sides[i]!.rejected.tokens, example['policy_rejected_token_logps']!),
			).toBeLessThan(1e-4);
		}
		lora.dispose();
	});

	test('gradients of every LoRA tensor', async () => {
		const { tensors } = readSafetensors(read(`${FOLDER}/grads.safetensors`));
		const packed = packBatch(goldenPairs(read, FOLDER));
		const { byName } = await pairGradients(model, goldenAdapter(read, FOLDER), packed, 'apo_zero');
		expect(byName.size).toBe(tensors.size);
		for (const [name, { data }] of tensors) {
			const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
			expect(largestDifference(byName.get(name) ?? [], data) / largest, name).toBeLessThan(1e-5);
		}
	});

	test('greedy generation gives the same ids', async () => {
		const lora = openLora(model, goldenAdapter(read, FOLDER));
		const { items } = readJson<{ items: Record<string, number[]>[] }>(read, `${FOLDER}/generation.json`);
		const prompts = items.map((item) => item['prompt_ids']!);
		expect(await generateIds(model, null, prompts, 24)).toEqual(items.map((item) => item['adapter_off']));
		expect(await generateIds(model, lora.binding, prompts, 24)).toEqual(
			items.map((item) => item['adapter_on']),
		);
		lora.dispose();
	});
});

/** Largest difference, relative to the largest entry. */
function relativeDifference(a: Float32Array, b: Float32Array): number {
	const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	return largestDifference(a, b) / largest;
}

describe('ways to the same numbers', () => {
	test('a prompt shared by both sides gives the log-probabilities and gradients of two prompts', async () => {
		const pairs = goldenPairs(read, FOLDER);
		const adapter = goldenAdapter(read, FOLDER);
		const shared = await pairGradients(model, adapter, packBatch(pairs), 'apo_zero');
		const apart = await pairGradients(model, adapter, packBatch(pairs, { sharePrompt: false }), 'apo_zero');
		expect(Math.abs(shared.loss - apart.loss)).toBeLessThan(2e-6);
		expect(relativeDifference(shared.flat, apart.flat)).toBeLessThan(1e-5);
	});

	test('padding rows and padding targets change nothing', async () => {
		const pairs = goldenPairs(read, FOLDER);
		const adapter = goldenAdapter(read, FOLDER);
		const tight = await pairGradients(model, adapter, packBatch(pairs), 'apo_zero');
		const padded = await pairGradients(
			model,
			adapter,
			packBatch(pairs, { rowBucket: 256, targetBucket: 256 }),
			'apo_zero',
		);
		expect(Math.abs(tight.loss - padded.loss)).toBeLessThan(2e-6);
		expect(relativeDifference(padded.flat, tight.flat)).toBeLessThan(1e-5);
	});

	test('blocks computed again give the gradients of blocks that were kept', async () => {
		const packed = packBatch(goldenPairs(read, FOLDER));
		const adapter = goldenAdapter(read, FOLDER);
		const kept = await pairGradients(model, adapter, packed, 'apo_zero', 'all');
		const again = await pairGradients(model, adapter, packed, 'apo_zero', 'inputs');
		// Same kernels, same numbers: equal to the bit.
		expect(largestDifference(again.flat, kept.flat)).toBe(0);
	});

	test('strength 0 is the base to the bit, and strengths between lie between', async () => {
		const { ids } = readJson<Expected>(read, `${FOLDER}/expected.json`).short_sequence;
		const base = await logitsOf(model, null, ids);
		const at = async (strength: number): Promise<number> => {
			const lora = openLora(model, goldenAdapter(read, FOLDER), strength);
			const difference = largestDifference(await logitsOf(model, lora.binding, ids), base);
			lora.dispose();
			return difference;
		};
		expect(await at(0)).toBe(0);
		const [half, full] = [await at(0.5), await at(1)];
		expect(half).toBeGreaterThan(0.1);
		expect(full).toBeGreaterThan(half);
	});
});

describe('generation', () => {
	test('the cache gives the tokens of a full pass at every step', async () => {
		const lora = openLora(model, goldenAdapter(read, FOLDER));
		const prompt = [14, 115, 39, 200];
		const [cached] = await generateIds(model, lora.binding, [prompt], 8);
		const ids = [...prompt];
		for (const token of cached!) {
			const logits = await logitsOf(model, lora.binding, ids);
			const last = logits.subarray(-model.config.vocabSize);
			expect(last.indexOf(Math.max(...last))).toBe(token);
			ids.push(token);
		}
		lora.dispose();
	});

	test('a row’s answer depends on its seed alone, not on its neighbours, and nothing leaks', async () => {
		const row = (seed: number): Parameters<typeof generateBatch>[2][number] => ({
			ids: [14, 115, 39],
			maxTokens: 6,
			temperature: 1,
			topP: 0.9,
			seed,
		});
		const options = { stopIds: new Set<number>() };
		const alone = await generateBatch(model, null, [row(7)], options);
		const before = memoryReport();
		const among = await generateBatch(
			model,
			null,
			[row(3), { ...row(7), ids: [14, 115, 39] }, row(9)],
			options,
		);
		expect(among[1]).toEqual(alone[0]);
		expect(among[0]).not.toEqual(among[2]);
		expect(memoryReport().tensors).toBe(before.tensors);
	});
});
