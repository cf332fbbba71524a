/**
 * An objective and a data method take one file each: two made-up ones are registered, the model's own answers become pairs, and
 * three steps train on them. The losses that the engine reports are checked against f64 from its token log-probabilities.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectiveOf, registerObjective } from '#core/loss/objectives/registry.ts';
import { outputId, type Output } from '#core/output/output.ts';
import { methodOf, registerMethod } from '#core/pair/methods/registry.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { AdapterChoice, TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, readRecipe } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { openDevice } from '#engine/device.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { lengthMargin } from '#tests/support/lengthMargin.ts';
import { longestOfTwo } from '#tests/support/longestOfTwo.ts';
import { allAnswered } from '../support/replies.ts';
import { readPair } from '#tests/support/readPair.ts';

const SAMPLING = { temperature: 1, topP: 1, maxTokens: 24, seed: 3 };
const BETA = 2;
const never = new AbortController().signal;
let engine: LocalComputeEngine;

beforeAll(async () => {
	registerObjective(lengthMargin);
	registerMethod(longestOfTwo);
	engine = new LocalComputeEngine({
		openDevice: () => openDevice({ backend: 'webgpu' }),
		loadFiles: loadModelFiles,
		kernelStore: memoryKernelStore(),
	});
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await engine.load(source!, () => undefined, never);
});
afterAll(() => engine.dispose());

/** As many answers of the model to each prompt as the method asks for. */
async function sample(count: number): Promise<Output[]> {
	const { answersPerPrompt } = methodOf(longestOfTwo.id);
	const asked = worldPrompts({ count, seed: 4, split: 'train' }).flatMap((prompt) =>
		Array.from({ length: answersPerPrompt }, (_, i) => ({ prompt, id: outputId(prompt.id, i + 1) })),
	);
	const prompts = asked.map(({ prompt }) => [{ role: 'user' as const, content: prompt.text }]);
	const request = { prompts, sampling: SAMPLING, adapter: null, strength: 0 };
	const replies = allAnswered(await engine.generate(request, () => undefined, never));
	return asked.map(({ prompt, id }, i) => {
		const { text, finishReason, tokens } = replies[i]!;
		return { id, prompt, text, finishReason, tokens, model: 'anchor-1m', sampling: SAMPLING };
	});
}

/** Mean loss of the pairs in f64, with the number of tokens that each side has. */
async function lossOf(pairs: readonly PreferencePair[], adapter: AdapterChoice): Promise<number> {
	const sum = (list: Float32Array): number => list.reduce((a, b) => a + b, 0);
	let total = 0;
	for (const pair of pairs) {
		const { chosen, rejected } = await readPair(engine, pair, adapter);
		const lengths = { len_w: chosen.length, len_l: rejected.length };
		const logps = { logp_w: sum(chosen), logp_l: sum(rejected) };
		total += objectiveOf(lengthMargin.id).lossOf({
			beta: BETA,
			...lengths,
			...logps,
			ref_w: 0,
			ref_l: 0,
			mean_len_w: 1,
		});
	}
	return total / pairs.length;
}

test('a registered objective trains on the pairs of a registered data method', async () => {
	const outputs = await sample(12);
	const method = methodOf(longestOfTwo.id);
	const { pairs } = method.build(
		{ outputs, answers: [], revisions: [], judgements: [], imported: [] },
		{ minJaccard: 0 },
	);
	expect(pairs.length).toBeGreaterThan(3);
	const recipe = readRecipe({
		...DEFAULT_RECIPE,
		pairs: { method: longestOfTwo.id, minJaccard: 0 },
		objective: { id: lengthMargin.id, beta: BETA },
		optimiser: { ...DEFAULT_RECIPE.optimiser, schedule: 'constant', warmupSteps: 0 },
		training: { ...DEFAULT_RECIPE.training, steps: 3, batchPairs: pairs.length, checkpointEvery: 1 },
	});
	const events: TrainEvent[] = [];
	const job = { runId: 'made-up', recipe, pairs, resume: null, startPaused: false, answers: null };
	await engine.train(job, (event) => events.push(event)).finished;
	const losses = events.flatMap((event) => (event.type === 'step' ? [event.metrics.loss] : []));
	const adapters = events.flatMap((event) => (event.type === 'checkpoint' ? [event.adapter] : []));
	expect(events.at(-1)?.type).toBe('done');
	expect(adapters.map(({ step }) => step)).toEqual([1, 2]);
	// A step reports its loss before its update, so step n + 1 has the loss of the adapter of step n.
	const expected = [await lossOf(pairs, null)];
	for (const adapter of adapters) expected.push(await lossOf(pairs, adapter));
	for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[i]!, 4);
	expect(losses[2]).toBeLessThan(losses[0]!);
});
