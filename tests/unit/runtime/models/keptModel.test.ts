/** A user's model becomes a kept folder, whose answers are those of the source's own tensors; and the whole loop runs on it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { fuseWeights } from '#model/fuse.ts';
import { ComputeModel } from '#compute/computeModel.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import type { KeptModel, ModelPlace } from '#core/model/keeper.ts';
import { configFromHf } from '#core/model/config.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { openFileCache, type FileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { openBackend } from '#tests/support/backends.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { preferencePair } from '#tests/support/preferencePair.ts';
import { CHAT_TEMPLATE, TINY_CONFIG, TINY_TOKENIZER, tinyNumbers } from '#tests/support/tinyCheckpoints.ts';
import { tinyFolder, tinyGgufFile, tinySplitFolder } from '#tests/support/tinyModel.ts';
import type { Device } from '#engine/device.ts';
import { Caches } from './caches.ts';
import { readPair } from '#tests/support/readPair.ts';

const never = new AbortController().signal;
const PAIR = preferencePair('p', 'ab a', 'ab ab', 'b');
const disk = (files: readonly { path: string; file: Blob }[]): ModelPlace => ({ kind: 'disk', files });

async function keep(cache: FileCache, place: ModelPlace): Promise<KeptModel> {
	const keeper = new LocalModelKeeper({ cache });
	const { form } = await keeper.inspect(place, null, never);
	return keeper.keep(place, form, () => undefined).finished;
}

let device: Device;
beforeAll(async () => {
	device = await openBackend('wasm');
});

/** Log-probabilities of the model that the source's tensors make directly. */
async function expected(): Promise<number[]> {
	const fused = fuseWeights(new Map(Object.entries(tinyNumbers())));
	const model = await ComputeModel.load(
		{
			config: configFromHf(TINY_CONFIG),
			eachWeight: async (use) => {
				for (const [name, tensor] of fused) await use(name, tensor);
			},
			tokenizerJson: TINY_TOKENIZER,
			tokenizerConfig: { eos_token: '<|end|>', chat_template: CHAT_TEMPLATE },
			chatConfig: null,
		},
		device,
	);
	return logpsOf(model);
}

async function logpsOf(model: ComputeModel): Promise<number[]> {
	const { chosen, rejected } = await readPair(model, PAIR, null);
	model.dispose();
	return [...chosen, ...rejected];
}

describe('a kept model computes what its source says', () => {
	test.each([
		['safetensors', tinyFolder()],
		['safetensors in two files', tinySplitFolder()],
		['GGUF', [tinyGgufFile()]],
	])('%s', async (name, files) => {
		const cache = openFileCache(new Caches());
		const { source } = await keep(cache, disk(files));
		const loaded = await loadModelFiles(source, () => undefined, never, { cache });
		// The end token of the tokenizer, and that of generation_config.json, which a GGUF file does not have.
		const stops = name === 'GGUF' ? [0] : [0, 7];
		expect(loaded.chatConfig).toMatchObject({ conv_template: { stop_token_ids: stops } });
		const logps = await logpsOf(await ComputeModel.load(loaded, device));
		// The numbers are exactly bf16, so that the folder holds the same ones.
		expect(logps.length).toBeGreaterThan(3);
		expect(logps).toEqual(await expected());
	});
});

test('the whole loop runs on a kept model: an answer, a revision, steps of training', async () => {
	const cache = openFileCache(new Caches());
	const { source } = await keep(cache, disk([tinyGgufFile()]));
	const engine = new LocalComputeEngine({
		openDevice: () => openBackend('wasm'),
		loadFiles: (...request) => loadModelFiles(...request, { cache }),
		kernelStore: memoryKernelStore(),
	});
	await engine.load(source, () => undefined, never);
	const sampling = { ...DEFAULT_RECIPE.sampling, maxTokens: 8 };
	const request = {
		prompts: [[{ role: 'user' as const, content: 'ab' }]],
		sampling,
		adapter: null,
		strength: 0,
	};
	const [reply] = await engine.generate(request, () => undefined, never);
	if (reply === undefined || 'refused' in reply) throw new Error('no answer');
	expect(reply.tokens).toBeGreaterThan(0);
	const pairs = ['ab', 'a', 'b', 'ab a'].map((text, i) =>
		preferencePair(`p${i}`, text, 'ab ab', `b ${text}`),
	);
	const recipe = {
		...DEFAULT_RECIPE,
		model: source.id,
		training: { ...DEFAULT_RECIPE.training, steps: 3, batchPairs: 2, checkpointEvery: 0, evaluateEvery: 0 },
	};
	const events: TrainEvent[] = [];
	const job = { runId: 'r', recipe, pairs, resume: null, startPaused: false, answers: null };
	await engine.train(job, (event) => events.push(event)).finished;
	expect(events.filter(({ type }) => type === 'step')).toHaveLength(3);
	expect(events.at(-1)).toMatchObject({ type: 'done', step: 3 });
	await engine.dispose();
});
