/** Models in 4 and 8 bits against what transformers and PEFT compute on the dequantised numbers. */
import { expect } from 'vitest';
import { packBatch } from '#core/batch/pack.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { configFromHf } from '#core/model/config.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { followSteps } from '#tests/support/followSteps.ts';
import { byPeftNames, expectPicked, type Picked } from '#tests/support/picked.ts';
import { blocksIn, drawnAdapter, drawnGguf, drawnMlc, numbersIn, type DrawnBlocks } from './drawnModel.ts';
import { readJson, type ReadGolden } from './goldenModel.ts';
import { generateIds, logitsOf, openLora, pairGradients, sideLogps } from './modelNumbers.ts';

export const QUANTISED_FILE = 'quantised/numbers.json';
export const QUANTISED_MODELS = ['llama3-q4f16_1', 'llama-Q8_0', 'qwen2-Q4_0', 'qwen3-Q4_K'] as const;

interface BaseNumbers {
	/** Of the last three positions. */
	logits: number[];
	logps: [chosen: number[], rejected: number[]][];
	greedy: number[][];
}

interface ModelNumbers {
	kind: 'q4f16_1' | DrawnBlocks;
	config: object;
	off: BaseNumbers;
	on: BaseNumbers;
	/** A batch of all pairs. */
	whole: { loss: number; gradNorm: number; gradients: Record<string, Picked> };
	steps: { loss: number; gradNorm: number }[];
	after: Record<string, Picked>;
}

interface Golden {
	settings: { rank: number; alpha: number; beta: number; learningRate: number };
	sequence: number[];
	pairs: { prompt: number[]; chosen: number[]; rejected: number[] }[];
	prompts: number[][];
	models: Record<string, ModelNumbers>;
}

type Loaded = Golden & { stored: ModelNumbers; model: Decoder };

/** Q4_0 and Q8_0 stay blocks on the device; Q4_K has none there, and is decoded. */
async function decoderOf({ kind, config: json }: ModelNumbers): Promise<Decoder> {
	const config = configFromHf(json);
	if (kind === 'q4f16_1') return createDecoder(config, drawnMlc(config));
	const checkpoint = await drawnGguf(config, kind);
	expect(checkpoint.config).toEqual(config);
	return createDecoder(
		config,
		kind === 'Q4_K' ? await numbersIn(checkpoint) : await blocksIn(checkpoint, kind),
	);
}

const pairsOf = ({ pairs }: Golden): TokenizedPair[] =>
	pairs.map(({ prompt, chosen, rejected }, i) => ({
		id: `p${i}`,
		...{ promptIds: prompt, chosenIds: chosen, rejectedIds: rejected, truncated: false },
	}));

/** Logits, log-probabilities and greedy ids. */
async function compareForward(loaded: Loaded): Promise<void> {
	const { model, stored, settings, sequence, prompts } = loaded;
	const lora = openLora(model, drawnAdapter(model.config, settings));
	for (const [name, binding, numbers] of [
		['off', null, stored.off],
		['on', lora.binding, stored.on],
	] as const) {
		const logits = await logitsOf(model, binding, sequence);
		const tolerance = { atol: 2e-5, rtol: 2e-5 };
		expectAllclose(logits.subarray(-numbers.logits.length), numbers.logits, tolerance, `logits ${name}`);
		const sides = await sideLogps(model, packBatch(pairsOf(loaded)), binding);
		const logps = sides.flatMap(({ chosen, rejected }) => [...chosen.tokens, ...rejected.tokens]);
		expectAllclose(logps, numbers.logps.flat(2), tolerance, `log-probabilities ${name}`);
		const ids = await generateIds(model, binding, prompts, numbers.greedy[0]?.length ?? 0);
		expect(ids, `greedy ${name}`).toEqual(numbers.greedy);
	}
	lora.dispose();
}

/** Gradients of a batch, and four steps of training. */
async function compareTraining(loaded: Loaded): Promise<void> {
	const { model, stored, settings } = loaded;
	const start = drawnAdapter(model.config, settings);
	const pairs = pairsOf(loaded);
	const { loss, gradNorm, gradients } = stored.whole;
	const got = await pairGradients(model, start, packBatch(pairs), 'apo_zero');
	expect(Math.abs(got.loss - loss)).toBeLessThan(1e-6);
	expect(Math.abs(got.norm / gradNorm - 1)).toBeLessThan(1e-5);
	expectPicked(got.byName, gradients, 1e-4);
	const { beta, learningRate } = settings;
	const order = stored.steps.map((_, n) => [(2 * n) % pairs.length, (2 * n + 1) % pairs.length]);
	const { steps, adapter } = await followSteps({
		model,
		start,
		pairs,
		order,
		beta,
		optimiser: { learningRate },
	});
	for (const [n, wanted] of stored.steps.entries()) {
		expect(Math.abs((steps[n]?.loss ?? NaN) - wanted.loss), `loss ${n}`).toBeLessThan(2e-5);
		expect(Math.abs((steps[n]?.grad_norm ?? NaN) / wanted.gradNorm - 1), `norm ${n}`).toBeLessThan(1e-3);
	}
	expectPicked(byPeftNames(adapter), stored.after, 1e-3);
}

/** @param name one of {@link QUANTISED_MODELS} */
export async function compareWithTransformers(read: ReadGolden, name: string): Promise<void> {
	const golden = readJson<Golden>(read, QUANTISED_FILE);
	const stored = golden.models[name];
	if (stored === undefined) throw new Error(`${QUANTISED_FILE} has no ${name}.`);
	const model = await decoderOf(stored);
	await compareForward({ ...golden, stored, model });
	await compareTraining({ ...golden, stored, model });
	model.dispose();
}
