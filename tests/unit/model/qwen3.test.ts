/** Qwen3's norms on q and k: no golden model has them, so the tests check consequences of the formula. */
import { beforeAll, expect, test } from 'vitest';
import { packBatch } from '#core/batch/pack.ts';
import { rng } from '#core/math/rng.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { projectionShapes } from '#core/adapter/projections.ts';
import { openDevice } from '#engine/device.ts';
import { readNow } from '#engine/memory.ts';
import { tensor1d, zeros, type Tensor1D } from '#engine/tensor.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import type { HostTensor } from '#model/fuse.ts';
import { generateBatch } from '#model/generate.ts';
import { logpsBackward, logpsForward, logpsOnly } from '#model/logps.ts';
import { bindLora, deviceLora } from '#model/lora.ts';
import { uploadBatch } from '#model/packed.ts';
import { positionLogits } from '#model/positions.ts';

const CONFIG: ModelConfig = {
	architecture: 'qwen3',
	hiddenSize: 16,
	intermediateSize: 24,
	layers: 2,
	heads: 4,
	kvHeads: 2,
	headDim: 8,
	vocabSize: 40,
	rmsNormEps: 1e-6,
	ropeTheta: 1e4,
	ropeScaling: null,
	tieWordEmbeddings: true,
	attentionBias: false,
	qkNorm: true,
	maxPositions: 64,
};
const IDS = [3, 17, 5, 29, 8, 11];
const PAIR = {
	id: 'p',
	promptIds: [3, 17],
	chosenIds: [5, 29, 8],
	rejectedIds: [11, 2],
	truncated: false,
};

beforeAll(async () => {
	await openDevice({ backend: 'cpu' });
});

/** Random weights; `change` edits a tensor before it is uploaded. */
function decoder(
	config: ModelConfig,
	change: (name: string, tensor: HostTensor) => void = () => undefined,
): Decoder {
	const random = rng(4);
	const tensors = new Map<string, HostTensor>();
	const put = (name: string, shape: number[], scale: number, mean = 0): void => {
		const size = shape.reduce((a, b) => a * b, 1);
		const tensor = { shape, data: Float32Array.from({ length: size }, () => mean + scale * random.normal()) };
		change(name, tensor);
		tensors.set(name, tensor);
	};
	const { hiddenSize: C, headDim: D } = config;
	put('embed_tokens.weight', [config.vocabSize, C], 0.6);
	put('norm.weight', [C], 0.1, 1);
	const names = {
		qkv: 'self_attn.qkv_proj',
		o: 'self_attn.o_proj',
		gate_up: 'mlp.gate_up_proj',
		down: 'mlp.down_proj',
	};
	for (let layer = 0; layer < config.layers; layer++) {
		for (const norm of ['input_layernorm', 'post_attention_layernorm'])
			put(`layers.${layer}.${norm}.weight`, [C], 0.1, 1);
		for (const norm of ['q_norm', 'k_norm']) put(`layers.${layer}.self_attn.${norm}.weight`, [D], 0.3, 1);
		for (const { projection, outFeatures, inFeatures } of projectionShapes(config)) {
			put(`layers.${layer}.${names[projection]}.weight`, [outFeatures, inFeatures], inFeatures ** -0.5);
		}
	}
	return createDecoder(config, tensors);
}

function difference(a: Float32Array, b: Float32Array): number {
	return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

test('the size of q and k before the norm does not matter, their direction does', async () => {
	const scaleRows =
		(from: number, to: number) =>
		(name: string, { shape, data }: HostTensor): void => {
			if (name.includes('qkv_proj')) for (let i = from * shape[1]!; i < to * shape[1]!; i++) data[i]! *= 3;
		};
	const base = await positionLogits(decoder(CONFIG), null, IDS);
	// q has rows 0..32, k 32..48, v 48..64.
	expect(difference(await positionLogits(decoder(CONFIG, scaleRows(0, 48)), null, IDS), base)).toBeLessThan(
		1e-4,
	);
	expect(
		difference(await positionLogits(decoder(CONFIG, scaleRows(48, 64)), null, IDS), base),
	).toBeGreaterThan(0.1);
	const without = { ...CONFIG, qkNorm: false };
	expect(
		difference(await positionLogits(decoder(without, scaleRows(0, 48)), null, IDS), base),
	).toBeGreaterThan(0.1);
});

test('generation through the cache norms like the full pass', async () => {
	const model = decoder(CONFIG);
	const row = { ids: IDS, maxTokens: 5, temperature: 0, topP: 1, seed: 1 };
	const [reply] = await generateBatch(model, null, [row], { stopIds: new Set() });
	const ids = [...IDS];
	for (const token of reply!.ids) {
		const last = (await positionLogits(model, null, ids)).subarray(-CONFIG.vocabSize);
		expect(last.indexOf(Math.max(...last))).toBe(token);
		ids.push(token);
	}
});

test('gradients of LoRA on q and k are the slopes of the log-probability', async () => {
	const model = decoder(CONFIG);
	const lora = deviceLora(CONFIG, { rank: 4, alpha: 8, targetModules: TARGET_MODULES });
	const random = rng(9);
	const flat = Float32Array.from({ length: lora.layout.size }, () => 0.2 * random.normal());
	const batch = uploadBatch(packBatch([PAIR]));
	const chosen = async (values: Float32Array): Promise<number> => {
		const logps = logpsOnly(logpsForward(model, batch, bindLora(lora, tensor1d(values.slice())), 'none'));
		return (await readNow(logps))[0]!;
	};
	const binding = bindLora(lora, tensor1d(flat.slice()));
	for (const keep of ['all', 'inputs'] as const) {
		const grads: Tensor1D = zeros([flat.length]);
		logpsBackward(
			model,
			batch,
			binding,
			logpsForward(model, batch, binding, keep),
			tensor1d([1, 0, 0]),
			grads,
		);
		const gradient = await readNow(grads);
		for (const { projection, aOffset, bOffset } of lora.layout.slots) {
			for (const at of [aOffset + 3, bOffset + 5]) {
				const nudged = (by: number): Float32Array => flat.map((value, i) => (i === at ? value + by : value));
				const slope = ((await chosen(nudged(2e-2))) - (await chosen(nudged(-2e-2)))) / 4e-2;
				// f32 log-probabilities near −10 carry 1e-6, over 4e-2; and the curve bends.
				expect(Math.abs(gradient[at]! - slope), `${projection} ${at}`).toBeLessThan(
					2e-3 + 5e-3 * Math.abs(slope),
				);
			}
		}
	}
});
