/**
 * The decoder against transformers, PEFT and TRL: logits, log-probabilities, gradients of every LoRA tensor,
 * generation.
 *
 * Runs on tfjs's wasm backend in f32; tests/gpu/model.test.ts compares the same numbers on WebGPU.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readSafetensors } from '#core/format/safetensors.ts';
import { packBatch } from '#core/batch/pack.ts';
import { truncatePair } from '#core/batch/tokenize.ts';
import { configFromHf } from '#core/model/config.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { begunModel } from '#model/begunModel.ts';
import { golden, goldenFolders, goldenJson, goldenTest } from '#tests/support/goldens.ts';
import { goldenAdapter, goldenDecoder, goldenPairs, largestDifference, modelFiles } from './goldenModel.ts';
import { generateIds, logitsOf, openLora, pairGradients, sideLogps } from './modelNumbers.ts';

interface Expected {
	short_sequence: { ids: number[]; logits_adapter_off: number[][]; logits_adapter_on: number[][] };
	losses: Record<string, { lora_grad_norm: number; loss: number }>;
	examples: Record<string, number[]>[];
	truncated_apo_zero: { max_length: number } & Record<string, number[]>;
}

interface Generation {
	items: {
		prompt_ids: number[];
		adapter_off: number[];
		adapter_on: number[];
		adapter_off_eos_stop: number[];
	}[];
}

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'wasm' });
});
afterAll(() => device.close());

describe.each(goldenFolders('model-'))('%s', (folder) => {
	const files = [...modelFiles(folder), `${folder}/expected.json`];
	const expected = (): Expected => goldenJson(`${folder}/expected.json`);

	goldenTest(
		'both spellings of the configuration read alike',
		[...files, `${folder}/config.v4-style.json`],
		() => {
			const newer = configFromHf(goldenJson(`${folder}/config.json`));
			expect(configFromHf(goldenJson(`${folder}/config.v4-style.json`))).toEqual(newer);
		},
	);

	goldenTest('logits of every position, adapter off and on', files, async () => {
		const model = goldenDecoder(golden, folder);
		const lora = openLora(model, goldenAdapter(golden, folder));
		const { ids, logits_adapter_off, logits_adapter_on } = expected().short_sequence;
		// Logits reach 8; torch's own f32 error is 1e-5 there.
		expect(largestDifference(await logitsOf(model, null, ids), logits_adapter_off.flat())).toBeLessThan(1e-4);
		expect(
			largestDifference(await logitsOf(model, lora.binding, ids), logits_adapter_on.flat()),
		).toBeLessThan(1e-4);
		lora.dispose();
		model.dispose();
	});

	goldenTest('logits of the merged reference model are PEFT’s with the adapter on', files, async () => {
		const model = goldenDecoder(golden, folder);
		const merged = begunModel(model, goldenAdapter(golden, folder), 'golden');
		const { ids, logits_adapter_off, logits_adapter_on } = expected().short_sequence;
		// PEFT's own merge differs from its adapter by 2.5e-5 (merge.json).
		const logits = await logitsOf(merged.model, null, ids);
		expect(largestDifference(logits, logits_adapter_on.flat())).toBeLessThan(1e-4);
		merged.dispose();
		expect(largestDifference(await logitsOf(model, null, ids), logits_adapter_off.flat())).toBeLessThan(1e-4);
		model.dispose();
	});

	goldenTest('log-probabilities of every completion token and their sums', files, async () => {
		const model = goldenDecoder(golden, folder);
		const lora = openLora(model, goldenAdapter(golden, folder));
		const batch = packBatch(goldenPairs(golden, folder));
		for (const [name, binding] of [
			['policy', lora.binding],
			['ref', null],
		] as const) {
			const sides = await sideLogps(model, batch, binding);
			for (const [i, example] of expected().examples.entries()) {
				for (const side of ['chosen', 'rejected'] as const) {
					const got = sides[i]![side];
					const wanted = example[`${name}_${side}_token_logps`]!;
					expect(largestDifference(got.tokens, wanted), `${name} ${side} ${i}`).toBeLessThan(1e-4);
					const sum = example[`${name}_${side}_logp`] as unknown as number;
					// Sums reach 150; an f32 step there is 1.5e-5.
					expect(Math.abs(got.sum - sum), `${name} ${side} ${i} sum`).toBeLessThan(1e-4);
				}
			}
		}
		lora.dispose();
		model.dispose();
	});

	goldenTest('a truncated batch gives TRL’s log-probabilities', files, async () => {
		const model = goldenDecoder(golden, folder);
		const lora = openLora(model, goldenAdapter(golden, folder));
		const { truncated_apo_zero: wanted } = expected();
		const cut = goldenPairs(golden, folder).map((pair) => truncatePair(pair, wanted.max_length)!);
		const policy = await sideLogps(model, packBatch(cut), lora.binding);
		const reference = await sideLogps(model, packBatch(cut), null);
		for (const side of ['chosen', 'rejected'] as const) {
			const sums = (sides: typeof policy): number[] => sides.map((pair) => pair[side].sum);
			expect(largestDifference(sums(policy), wanted[`policy_${side}_logps`]!)).toBeLessThan(1e-4);
			expect(largestDifference(sums(reference), wanted[`ref_${side}_logps`]!)).toBeLessThan(1e-4);
		}
		lora.dispose();
		model.dispose();
	});

	goldenTest('gradients of every LoRA tensor', [...files, `${folder}/grads.safetensors`], async () => {
		const model = goldenDecoder(golden, folder);
		const adapter = goldenAdapter(golden, folder);
		const { tensors } = readSafetensors(golden(`${folder}/grads.safetensors`));
		const gradients = await pairGradients(model, adapter, packBatch(goldenPairs(golden, folder)), 'apo_zero');
		expect(gradients.byName.size).toBe(tensors.size);
		for (const [name, { data }] of tensors) {
			const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
			const difference = largestDifference(gradients.byName.get(name) ?? [], data);
			expect(difference / largest, name).toBeLessThan(1e-5);
		}
		model.dispose();
	});

	goldenTest('gradient norm and loss of each objective', files, async () => {
		const model = goldenDecoder(golden, folder);
		const adapter = goldenAdapter(golden, folder);
		const { losses } = expected();
		const objectives: [string, string][] = [
			['apo_zero', 'apo_zero'],
			['apo_down', 'apo_down'],
			['dpo', 'sigmoid'],
		];
		for (const [objective, name] of objectives) {
			const gradients = await pairGradients(
				model,
				adapter,
				packBatch(goldenPairs(golden, folder)),
				objective,
			);
			const wanted = losses[name]!;
			expect(Math.abs(gradients.norm - wanted.lora_grad_norm) / wanted.lora_grad_norm, name).toBeLessThan(
				1e-5,
			);
			expect(Math.abs(gradients.loss - wanted.loss), name).toBeLessThan(1e-5);
		}
		model.dispose();
	});

	goldenTest('greedy generation gives the same ids', [...files, `${folder}/generation.json`], async () => {
		const model = goldenDecoder(golden, folder);
		const lora = openLora(model, goldenAdapter(golden, folder));
		const { items } = goldenJson<Generation>(`${folder}/generation.json`);
		const prompts = items.map(({ prompt_ids }) => prompt_ids);
		expect(await generateIds(model, null, prompts, 24)).toEqual(items.map((item) => item.adapter_off));
		expect(await generateIds(model, lora.binding, prompts, 24)).toEqual(items.map((item) => item.adapter_on));
		lora.dispose();
		model.dispose();
	});
});
