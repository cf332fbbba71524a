/**
 * Tokens per second when answering the same prompts with the same adapter: our engine's batches against
 * WebLLM, which answers one prompt after the other. Both run as in the app, each in its worker, on the
 * embedded model with the default recipe's sampling.
 *
 * The script counts CPU-seconds around each {@link GenerationBench.run}; this file counts wall time and
 * tokens.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { loraLayout, toAdapter } from '#core/adapter/layout.ts';
import { rng } from '#core/math/rng.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { Message, Sampling } from '#core/output/output.ts';
import type { ChatReply } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { ComputeClient } from '#worker/client.ts';

/** ours32: all prompts in one batch. ours1: our engine, one prompt after the other. webllm: WebLLM, one after the other. */
export const GENERATION_WAYS = ['ours32', 'ours1', 'webllm'] as const;
export type GenerationWay = (typeof GENERATION_WAYS)[number];

export interface GenerationReading {
	/** Generated tokens, without the prompts' tokens and the token that ends an answer. */
	tokens: number;
	ms: number;
}

export interface GenerationBench {
	/** Answers the prompts once. @param prompts how many; ours32 should take all */
	run(way: GenerationWay, prompts?: number): Promise<GenerationReading>;
	dispose(): Promise<void>;
}

const PROMPTS = 32;
/** Prompts whose greedy answers are compared before the measurement. */
const CHECKED = 4;

const never = new AbortController().signal;

/** Both engines with the model loaded and an adapter on. */
class Engines implements GenerationBench {
	readonly #compute: ComputeClient;
	readonly #webllm: WebLlmTargetModel;
	readonly #adapter: Adapter;
	readonly #chats: readonly Message[][];

	constructor(compute: ComputeClient, webllm: WebLlmTargetModel, adapter: Adapter) {
		this.#compute = compute;
		this.#webllm = webllm;
		this.#adapter = adapter;
		const prompts = worldPrompts({ count: PROMPTS, seed: 1, split: 'heldOut' });
		this.#chats = prompts.map(({ text }) => [{ role: 'user', content: text }]);
	}

	async run(way: GenerationWay, prompts = PROMPTS): Promise<GenerationReading> {
		const chats = this.#chats.slice(0, prompts);
		const begin = performance.now();
		const replies = await this.#answer(way, chats, DEFAULT_RECIPE.sampling);
		const ms = performance.now() - begin;
		return { tokens: replies.reduce((sum, { tokens }) => sum + tokens, 0), ms };
	}

	/** @throws Error if the greedy answers differ: an engine that writes something else has no speed */
	async check(): Promise<void> {
		const chats = this.#chats.slice(0, CHECKED);
		const greedy: Sampling = { ...DEFAULT_RECIPE.sampling, temperature: 0 };
		const answers = new Set<string>();
		for (const way of GENERATION_WAYS) {
			const replies = await this.#answer(way, chats, greedy);
			answers.add(replies.map(({ tokenIds }) => tokenIds?.join() ?? '?').join(' '));
		}
		if (answers.size > 1)
			throw new Error('The engines give different greedy answers: they do different work.');
	}

	async dispose(): Promise<void> {
		await this.#webllm.dispose();
		await this.#compute.dispose();
	}

	async #answer(way: GenerationWay, chats: readonly Message[][], sampling: Sampling): Promise<ChatReply[]> {
		const replies: ChatReply[] = [];
		const batches = way === 'ours32' ? [chats] : chats.map((chat) => [chat]);
		for (const [i, prompts] of batches.entries()) {
			const seeded = { ...sampling, seed: sampling.seed + i };
			const [messages = []] = prompts;
			if (way === 'webllm') replies.push(await this.#webllm.complete({ messages, sampling: seeded }, never));
			else replies.push(...(await this.#generate(prompts, seeded)));
		}
		return replies;
	}

	async #generate(prompts: readonly Message[][], sampling: Sampling): Promise<readonly ChatReply[]> {
		const request = { prompts, sampling, adapter: this.#adapter, strength: 1 };
		const replies = await this.#compute.generate(request, () => undefined, never);
		return replies.flatMap((reply) => ('refused' in reply ? [] : [reply]));
	}
}

/**
 * Small random A and B of the default recipe's rank on all its projections: the cost of a trained adapter,
 * with almost unchanged answers.
 */
function smallAdapter(config: ModelConfig): Adapter {
	const { rank, alpha, targetModules } = DEFAULT_RECIPE.lora;
	const lora = { rank, alpha, targetModules };
	const layout = loraLayout(config, lora);
	const random = rng(1);
	const flat = Float32Array.from({ length: layout.size }, () => 0.02 * random.normal());
	return toAdapter(flat, layout, { id: 'bench', step: 1, config: lora });
}

/** Loads the model in both engines, writes the adapter, checks that they agree and warms them up. */
export async function openGeneration(): Promise<GenerationBench> {
	const [source] = (await modelCatalogue(new URL('/', location.href).href).list()) as [ModelSource];
	const worker = new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), {
		type: 'module',
		name: 'compute',
	});
	const compute = new ComputeClient(worker, () => worker.terminate());
	const webllm = new WebLlmTargetModel(
		() => new Worker(new URL('../../src/worker/webllm.worker.ts', import.meta.url), { type: 'module' }),
	);
	const config = await compute.load(source, () => undefined, never);
	await webllm.load(source, () => undefined, never);
	const adapter = smallAdapter(config);
	await webllm.setAdapter(adapter, 1);
	const engines = new Engines(compute, webllm, adapter);
	await engines.check();
	await engines.run('ours32');
	for (const way of ['ours1', 'webllm'] as const) await engines.run(way, CHECKED);
	return engines;
}
