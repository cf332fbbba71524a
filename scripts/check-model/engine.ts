/** Parts of WebLLM's engine for the check only: the library's own functions, below WebLLM's public API. */
import type { ChatCompletion, ChatCompletionMessageParam, MLCEngine } from '@mlc-ai/web-llm';
import { at } from '#core/math/at.ts';

interface Tensor {
	readonly shape: readonly number[];
	copyFrom(source: Tensor | Float32Array | readonly number[]): Tensor;
	view(shape: readonly number[]): Tensor;
	toArray(): Float32Array;
}

interface Tvm {
	beginScope(): void;
	endScope(): void;
	empty(shape: readonly number[], dtype: 'float32' | 'int32', device: unknown): Tensor;
	cpu(): unknown;
	makeShapeTuple(shape: readonly number[]): unknown;
}

interface Tensors {
	get(index: number): Tensor;
}

/** Not in WebLLM's types; seen in 0.2.80 to 0.2.86. */
interface Pipeline {
	readonly tvm: Tvm;
	readonly device: { sync(): Promise<void> };
	readonly vm: { getFunction(name: string): (...values: unknown[]) => Tensors };
	readonly params: unknown;
	readonly kvCache: unknown;
	resetChat(): void;
	embed(ids: Tensor, params: unknown): Tensor;
	fKVCacheBeginForward(cache: unknown, sequences: unknown, lengths: unknown): void;
	fKVCacheEndForward(cache: unknown): void;
	fargsortProbs(probs: Tensor): Tensors;
	fsampleWithTopP(...values: Tensor[]): Tensor;
}

interface PrivateEngine {
	readonly loadedModelIdToPipeline: ReadonlyMap<string, Pipeline>;
}

export function pipelineOf(engine: MLCEngine, modelId: string): Pipeline {
	const pipeline = (engine as unknown as PrivateEngine).loadedModelIdToPipeline.get(modelId);
	if (pipeline === undefined) throw new Error(`WebLLM holds no model ${modelId}.`);
	return pipeline;
}

async function onHost({ tvm, device }: Pipeline, tensor: Tensor, dtype: 'float32' | 'int32') {
	const host = tvm.empty(tensor.shape, dtype, tvm.cpu()).copyFrom(tensor);
	await device.sync();
	return host.toArray();
}

/** Log-probability of each id after the first, by the library's own `prefill_all`, a chunk at a time through the cache. */
export async function everyPosition(
	pipeline: Pipeline,
	ids: readonly number[],
	chunk: number,
): Promise<number[]> {
	const { tvm, device, params, kvCache } = pipeline;
	pipeline.resetChat();
	tvm.beginScope();
	const prefillAll = pipeline.vm.getFunction('prefill_all');
	const logps: number[] = [];
	for (let start = 0; start < ids.length; start += chunk) {
		const part = ids.slice(start, start + chunk);
		const embedded = pipeline.embed(tvm.empty([part.length], 'int32', device).copyFrom(part), params);
		pipeline.fKVCacheBeginForward(kvCache, tvm.makeShapeTuple([0]), tvm.makeShapeTuple([part.length]));
		const input = embedded.view([1, part.length, at(embedded.shape, 1)]);
		const logits = prefillAll(input, kvCache, params).get(0);
		pipeline.fKVCacheEndForward(kvCache);
		const [values, vocab] = [await onHost(pipeline, logits, 'float32'), at(logits.shape, 2)];
		for (const row of part.keys()) {
			const next = ids[start + row + 1];
			if (next !== undefined) logps.push(logpOf(values.subarray(row * vocab, (row + 1) * vocab), next));
		}
	}
	tvm.endScope();
	pipeline.resetChat();
	return logps;
}

function logpOf(logits: Float32Array, token: number): number {
	const top = logits.reduce((a, b) => Math.max(a, b));
	return at(logits, token) - top - Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

/** The token that the library's sampler draws from given probabilities. */
export async function sample(
	pipeline: Pipeline,
	probs: readonly number[],
	uniform: number,
	topP: number,
): Promise<number> {
	const { tvm, device } = pipeline;
	tvm.beginScope();
	const put = (values: readonly number[], shape: readonly number[], dtype: 'float32' | 'int32' = 'float32') =>
		tvm.empty(shape, dtype, device).copyFrom(values);
	const sorted = pipeline.fargsortProbs(put(probs, [1, probs.length]));
	const token = pipeline.fsampleWithTopP(
		sorted.get(0),
		sorted.get(1),
		put([uniform], [1]),
		put([0], [1], 'int32'),
		put([topP], [1]),
	);
	const id = at(await onHost(pipeline, token, 'int32'), 0);
	tvm.endScope();
	return id;
}

export interface Completion {
	text: string;
	finish: string;
	/** Log-probabilities of the likeliest tokens of each step, by rank. */
	steps: number[][];
	usage: { prefill_tokens_per_s: number; decode_tokens_per_s: number };
}

/** One answer of WebLLM with the log-probabilities that `options` request. */
export async function complete(
	engine: MLCEngine,
	messages: ChatCompletionMessageParam[],
	options: object,
): Promise<Completion> {
	const reply: ChatCompletion = await engine.chat.completions.create({ messages, stream: false, ...options });
	const { message, finish_reason, logprobs } = at(reply.choices, 0);
	const usage = reply.usage?.extra;
	return {
		text: message.content ?? '',
		finish: finish_reason,
		steps: (logprobs?.content ?? []).map(({ top_logprobs }) => top_logprobs.map(({ logprob }) => logprob)),
		usage: {
			prefill_tokens_per_s: usage?.prefill_tokens_per_s ?? 0,
			decode_tokens_per_s: usage?.decode_tokens_per_s ?? 0,
		},
	};
}
