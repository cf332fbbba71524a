/**
 * SmolLM2-135M-Instruct in the compute engine against transformers and PEFT on the same numbers, which are those of the
 * kept folder (f16). REAL_PYTHON, a Python with both, remakes the numbers.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ComputeModel } from '#compute/computeModel.ts';
import { packBatch } from '#core/batch/pack.ts';
import { pairAsChat, tokenizePair, type TokenizedPair } from '#core/batch/tokenize.ts';
import type { KeptModel } from '#core/model/keeper.ts';
import type { FileCache } from '#runtime/models/fileCache.ts';
import type { Device } from '#engine/device.ts';
import { generateIds, openLora, pairGradients, sideLogps } from '#tests/golden/modelNumbers.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { openBackend } from '#tests/support/backends.ts';
import { followSteps } from '#tests/support/followSteps.ts';
import { byPeftNames, expectPicked, type Picked } from '#tests/support/picked.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';
import { modelReference } from './modelReference.ts';
import { BETA, GREEDY_PROMPTS, GREEDY_TOKENS, LEARNING_RATE, PAIRS, PICKED } from './problem.ts';
import { PYTHON } from './reference.ts';
import { keepSmolLm2, loadSmolLm2 } from './smolLm2.ts';

const FILE = 'tests/real/smollm2.json';

interface Problem {
	pairs: { prompt: readonly number[]; chosen: readonly number[]; rejected: readonly number[] }[];
	greedy: { prompts: number[][]; count: number };
}

interface Numbers {
	logps: { base: number[][]; adapted: number[][] };
	greedy: { off: number[][]; on: number[][] };
	step: {
		loss: number;
		gradNorm: number;
		gradients: Record<string, Picked>;
		updated: Record<string, Picked>;
	};
}

let device: Device;
let keeping: Promise<{ kept: KeptModel; cache: FileCache }>;
let model: ComputeModel;
let stored: { problem: Problem; float32: Numbers };

beforeAll(async () => {
	device = await openBackend('wasm');
});
afterAll(() => {
	model.dispose();
	device.close();
});

const pairs = (): TokenizedPair[] =>
	PAIRS.map((pair) => tokenizePair(pair.id, pairAsChat(pair), model.tools));
const adapterOf = () => randomAdapter(model.config, 8, 5, 0.02);

test('the GGUF file becomes a kept folder of f16', async () => {
	keeping = keepSmolLm2();
	const { kept } = await keeping;
	expect(kept).toMatchObject({ form: 'Q4_1', config: { layers: 30, hiddenSize: 576, vocabSize: 49_152 } });
	expect(kept.source.parameters).toBe(134_515_008);
	// Two bytes a number, and the tokenizer.
	expect(kept.bytes / (2 * 134_515_008)).toBeCloseTo(1, 1);
});

test('the kept folder is loaded, and its chat template and tokenizer give the stored ids', async () => {
	const { kept, cache } = await keeping;
	model = await loadSmolLm2(kept, cache, device);
	const { tools } = model;
	const prompts = GREEDY_PROMPTS.map((content) =>
		tools.tokenizer.encode(tools.renderChat([{ role: 'user', content }], true)),
	);
	const problem: Problem = {
		pairs: pairs().map(({ promptIds, chosenIds, rejectedIds }) => ({
			prompt: promptIds,
			chosen: chosenIds,
			rejected: rejectedIds,
		})),
		greedy: { prompts, count: GREEDY_TOKENS },
	};
	if (PYTHON !== '') {
		const settings = { ...problem, beta: BETA, learningRate: LEARNING_RATE, picked: PICKED };
		const numbers = modelReference<{ float32: Numbers }>('numbers', settings, adapterOf());
		writeFileSync(FILE, `${JSON.stringify({ problem, ...numbers })}\n`);
	}
	stored = JSON.parse(readFileSync(FILE, 'utf8')) as typeof stored;
	expect(problem).toEqual(stored.problem);
});

test('log-probabilities of every token, adapter off and on', async () => {
	const lora = openLora(model.decoder, adapterOf());
	const packed = packBatch(pairs());
	for (const [name, binding] of [
		['base', null],
		['adapted', lora.binding],
	] as const) {
		const sides = await sideLogps(model.decoder, packed, binding);
		const got = sides.flatMap(({ chosen, rejected }) => [...chosen.tokens, ...rejected.tokens]);
		expectAllclose(got, stored.float32.logps[name].flat(), { atol: 1e-4, rtol: 0 }, name);
	}
	lora.dispose();
});

test('greedy answers have the same ids: adapter off, on, and off again', async () => {
	const lora = openLora(model.decoder, adapterOf());
	const { prompts, count } = stored.problem.greedy;
	const { off, on } = stored.float32.greedy;
	expect(await generateIds(model.decoder, null, prompts, count)).toEqual(off);
	expect(await generateIds(model.decoder, lora.binding, prompts, count)).toEqual(on);
	expect(await generateIds(model.decoder, null, prompts, count)).toEqual(off);
	expect(on).not.toEqual(off);
	lora.dispose();
});

test('a step of APO-zero: loss, gradients of the adapter, and its numbers after AdamW', async () => {
	const { step } = stored.float32;
	const start = adapterOf();
	const gradients = await pairGradients(model.decoder, start, packBatch(pairs()), 'apo_zero');
	expect(Math.abs(gradients.loss - step.loss)).toBeLessThan(1e-5);
	expect(Math.abs(gradients.norm / step.gradNorm - 1)).toBeLessThan(1e-4);
	expectPicked(gradients.byName, step.gradients, 1e-3);
	const { steps, adapter } = await followSteps({
		...{ model: model.decoder, start, pairs: pairs(), beta: BETA },
		order: [PAIRS.map((_, i) => i)],
		optimiser: { learningRate: LEARNING_RATE },
	});
	expect(Math.abs((steps[0]?.loss ?? NaN) - step.loss)).toBeLessThan(1e-5);
	expectPicked(byPeftNames(adapter), step.updated, 1e-3);
});
