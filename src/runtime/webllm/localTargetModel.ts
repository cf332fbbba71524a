/**
 * The target model in the thread that holds WebLLM: loads a model, answers chats, writes the adapter. Its methods must run one
 * after the other (serve.ts): WebLLM has one chat, and an adapter must not change in the middle of an answer.
 */
import type {
	ChatCompletionChunk,
	ChatCompletionRequestStreaming,
	MLCEngine,
	ModelRecord,
} from '@mlc-ai/web-llm';
import { Cancelled, ShapeError } from '#core/errors.ts';
import { hash32 } from '#core/math/hash.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { Message } from '#core/output/output.ts';
import type { ChatReply, ChatRequest, Progress } from '#core/ports.ts';
import { largestRank, mergeForm, type MergeForm } from '#core/adapter/placement.ts';
import { prepareForWebLlm } from '../models/webLlmFiles.ts';
import { AdapterSlot } from './adapterSlot.ts';
import { deviceLoss, generatedIds, holdsModel, observeFedIds } from './privateApi.ts';
import type { ChatReplyWithLogprobs, TokenLogprob } from './scored.ts';
import { deviceLost, explainWebLlm, requireWebGpu } from './webGpu.ts';

/**
 * LoRA rank of the records of a library that leaves it open, and the step by which it grows: an adapter of a higher rank loads the
 * model again with larger records.
 */
const RANK_STEP = 16;

/** After an unknown error, the wait for the device to report that it was lost. */
const LOSS_NOTICE_MS = 300;

type OnText = (textSoFar: string) => void;

interface Loaded {
	engine: MLCEngine;
	source: ModelSource;
	slot: AdapterSlot;
	/** LoRA rank of the model's records. */
	rank: number;
	/** Rejects with `device-lost` when the model's device is lost, and never settles otherwise. */
	lost: Promise<never>;
	/** True if WebLLM pastes messages into templates with String.replace, which reads `$` as a command. */
	hasRoleTemplates: boolean;
}

/** Tokens of the prompt, and tokens per second of prefill and of decoding. */
interface Usage {
	promptTokens: number;
	prefill: number;
	decode: number;
}

interface Generation {
	reply: ChatReply;
	logprobs: readonly TokenLogprob[];
	usage: Usage;
}

/** The chunks of one generation, joined. */
interface Collected {
	text: string;
	finish: string | null;
	logprobs: TokenLogprob[];
	usage: Usage;
}

export class LocalTargetModel {
	#loaded: Loaded | null = null;

	/** @throws DeviceError `webgpu-missing`, `webgpu-limit`; RemoteError and FormatError of the files; Cancelled */
	async load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
		openRank = RANK_STEP,
	): Promise<void> {
		await this.dispose();
		await requireWebGpu();
		const files = await prepareForWebLlm({ source, loraRank: openRank, onProgress, signal });
		const { MLCEngine: Engine } = await import('@mlc-ai/web-llm');
		// WebLLM takes the library by address only; this address gives it the checked bytes.
		const library = URL.createObjectURL(new Blob([files.library], { type: 'application/wasm' }));
		const engine = new Engine({
			appConfig: { model_list: [recordOf(source, files.folder, library)] },
			logLevel: 'ERROR',
			initProgressCallback: ({ progress }) =>
				onProgress({ phase: 'Starting WebLLM', done: Math.round(progress * 100), total: 100 }),
		});
		try {
			await engine.reload(source.id);
		} catch (thrown) {
			throw explainWebLlm(thrown, source.id);
		} finally {
			URL.revokeObjectURL(library);
			await files.release();
		}
		const rank = loraRank(source, openRank);
		this.#loaded = {
			engine,
			source,
			lost: lossOf(engine, source.id),
			slot: new AdapterSlot(engine, source.id, files.config, rank, formOf(source)),
			rank,
			hasRoleTemplates: /"role_templates"\s*:/.test(JSON.stringify(files.chatConfig)),
		};
	}

	async complete(request: ChatRequest, signal: AbortSignal, onText: OnText): Promise<ChatReply> {
		return (await this.#generate(request, 0, signal, onText)).reply;
	}

	/**
	 * Like {@link complete}, with the model's log-probabilities; at temperature 0 they are those of
	 * temperature 1.
	 */
	async score(request: ChatRequest, top: number, signal: AbortSignal): Promise<ChatReplyWithLogprobs> {
		const { reply, logprobs, usage } = await this.#generate(request, top, signal);
		return {
			...reply,
			logprobs,
			promptTokens: usage.promptTokens,
			prefillTokensPerSecond: usage.prefill,
			decodeTokensPerSecond: usage.decode,
		};
	}

	async setAdapter(...adapter: Parameters<AdapterSlot['set']>): Promise<void> {
		await this.#makeRoom(adapter[0]?.config.rank ?? 0);
		const { engine, slot, source } = this.#require();
		try {
			await slot.set(...adapter);
		} catch (thrown) {
			throw explainWebLlm(thrown, source.id);
		}
		// The cache has keys and values of the previous weights.
		await engine.resetChat(false, source.id);
	}

	/** Loads the model again with larger LoRA records, if its library leaves their rank open. */
	async #makeRoom(adapterRank: number): Promise<void> {
		const { source, rank } = this.#require();
		const needed = Math.ceil(adapterRank / RANK_STEP) * RANK_STEP;
		if (adapterRank <= rank || loraRank(source, needed) < needed) return;
		await this.load(source, () => undefined, new AbortController().signal, needed);
	}

	/** The ids that WebLLM feeds for these messages. */
	async promptIds(messages: readonly Message[], signal: AbortSignal): Promise<readonly number[]> {
		const { engine, source } = this.#require();
		const sampling = { temperature: 0, topP: 1, maxTokens: 1, seed: 0 };
		return observeFedIds(engine, source.id, async () => {
			await this.#generate({ messages, sampling }, 0, signal);
		});
	}

	async dispose(): Promise<void> {
		const loaded = this.#loaded;
		this.#loaded = null;
		await loaded?.engine.unload();
	}

	#require(): Loaded {
		const loaded = this.#loaded;
		if (loaded === null) {
			throw new ShapeError('No model is loaded in WebLLM.', {
				code: 'webllm-no-model',
				hint: 'Load a model first.',
			});
		}
		// When the device is lost, WebLLM unloads the model and does not report it.
		if (!holdsModel(loaded.engine, loaded.source.id)) throw deviceLost(loaded.source.id);
		return loaded;
	}

	async #generate(
		request: ChatRequest,
		top: number,
		signal: AbortSignal,
		onText: OnText = () => undefined,
	): Promise<Generation> {
		const loaded = this.#require();
		const { engine, source, lost } = loaded;
		try {
			// A continued chat would round differently from the same chat from its start.
			await engine.resetChat(false, source.id);
			const stream = this.#stream(loaded, requestOf(loaded, request, top), signal, onText);
			return await Promise.race([stream, lost]);
		} catch (thrown) {
			const error = explainWebLlm(thrown, source.id);
			// WebLLM may fail on a lost device before the device reports the loss.
			if (error.code === 'webllm-failed') await Promise.race([lost, waitFor(LOSS_NOTICE_MS)]);
			throw error;
		}
	}

	async #stream(
		{ engine, source }: Loaded,
		request: ChatCompletionRequestStreaming,
		signal: AbortSignal,
		onText: OnText,
	): Promise<Generation> {
		const collected: Collected = {
			text: '',
			finish: null,
			logprobs: [],
			usage: { promptTokens: 0, prefill: 0, decode: 0 },
		};
		for await (const chunk of await engine.chatCompletion(request)) {
			// Leaving the loop ends the generation within WebLLM.
			if (signal.aborted) throw new Cancelled();
			const before = collected.text.length;
			collect(collected, chunk);
			if (collected.text.length > before) onText(collected.text);
		}
		const tokenIds = generatedIds(engine, source.id);
		return {
			// The chunks omit a last, incomplete character; the message is complete.
			reply: {
				text: await engine.getMessage(source.id),
				finishReason: collected.finish === 'length' ? 'length' : 'stop',
				tokens: tokenIds.length,
				tokenIds,
			},
			logprobs: collected.logprobs,
			usage: collected.usage,
		};
	}
}

/** @param open rank for a library that leaves it open */
function loraRank({ library }: ModelSource, open: number): number {
	const largest = library === null ? 0 : largestRank(library);
	return largest === Infinity ? open : largest;
}

function formOf({ library }: ModelSource): MergeForm | null {
	return library === null ? null : mergeForm(library);
}

function lossOf(engine: MLCEngine, modelId: string): Promise<never> {
	const lost = deviceLoss(engine, modelId).then(({ message }) => {
		throw deviceLost(modelId, message);
	});
	// The loss may happen while no call waits; the next call then finds the model gone.
	lost.catch(() => undefined);
	return lost;
}

function waitFor(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param library address of the library's bytes */
function recordOf({ id, chatOptions }: ModelSource, folder: string, library: string): ModelRecord {
	const record = { model: folder, model_id: id, model_lib: library };
	return chatOptions === undefined ? record : { ...record, overrides: { ...chatOptions } };
}

function requestOf(loaded: Loaded, request: ChatRequest, top: number): ChatCompletionRequestStreaming {
	const { temperature, topP, maxTokens, seed } = request.sampling;
	const greedyWithLogprobs = top > 0 && temperature === 0;
	return {
		model: loaded.source.id,
		messages: request.messages.map(({ role, content }) => ({
			role,
			content: loaded.hasRoleTemplates ? content.replaceAll('$', '$$$$') : content,
		})),
		// WebLLM computes log-probabilities after the temperature; so small a top-p keeps only the likeliest
		// token.
		temperature: greedyWithLogprobs ? 1 : temperature,
		top_p: greedyWithLogprobs ? 1e-5 : topP,
		max_tokens: maxTokens,
		seed: spreadSeed(seed),
		stream: true,
		stream_options: { include_usage: true },
		...(top > 0 ? { logprobs: true, top_logprobs: top } : {}),
		...(request.thinking === false ? { extra_body: { enable_thinking: false } } : {}),
	};
}

/**
 * WebLLM multiplies the seed by 48271 modulo 2^31 − 1 and takes the quotient as its first draw: seeds 1, 2, 3
 * … would all start with a draw near 0, the likeliest token. A hash spreads them.
 */
export function spreadSeed(seed: number): number {
	return (hash32(`webllm:${seed}`) % (2 ** 31 - 2)) + 1;
}

function collect(into: Collected, chunk: ChatCompletionChunk): void {
	const [choice] = chunk.choices;
	into.text += choice?.delta.content ?? '';
	into.finish = choice?.finish_reason ?? into.finish;
	for (const token of choice?.logprobs?.content ?? []) into.logprobs.push(readLogprob(token));
	if (chunk.usage) {
		const { prefill_tokens_per_s: prefill, decode_tokens_per_s: decode } = chunk.usage.extra;
		into.usage = { promptTokens: chunk.usage.prompt_tokens, prefill, decode };
	}
}

interface WebLlmLogprob {
	token: string;
	logprob: number;
	top_logprobs: readonly { token: string; logprob: number }[];
}

function readLogprob({ token, logprob, top_logprobs }: WebLlmLogprob): TokenLogprob {
	return {
		text: token,
		logprob,
		top: top_logprobs.map((one) => ({ text: one.token, logprob: one.logprob })),
	};
}
