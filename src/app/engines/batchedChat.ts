/** Single requests answered together: those that wait when the engine becomes free form one batch. */
import { nextTask } from '#core/concurrency.ts';
import { asAppError, Cancelled, fromWire } from '#core/errors.ts';
import type { ChatModel, ChatReply, ChatRequest, PromptReply } from '#core/ports.ts';
import type { BatchModel } from './computeTarget.ts';

interface Waiting {
	request: ChatRequest;
	signal: AbortSignal;
	resolve: (reply: ChatReply) => void;
	reject: (error: Error) => void;
}

/** A batch has one sampling, and its row i draws from seed + i. */
export function batchedChat(model: BatchModel): ChatModel {
	let queue: readonly Waiting[] = [];
	let running = false;
	const run = async (): Promise<void> => {
		if (running) return;
		running = true;
		// Requests that start together arrive within one task.
		await nextTask();
		while (queue.length > 0) {
			const size = batchSize(queue);
			const batch = queue.slice(0, size);
			queue = queue.slice(size);
			await answer(model, batch);
		}
		running = false;
	};
	return {
		get id() {
			return model.id;
		},
		complete: async (request, signal, onText) => {
			const reply = await new Promise<ChatReply>((resolve, reject) => {
				queue = [...queue, { request, signal, resolve, reject }];
				void run();
			});
			onText?.(reply.text);
			return reply;
		},
	};
}

/** Number of requests from the first one on that can form one batch. */
function batchSize(queue: readonly Waiting[]): number {
	const [first] = queue;
	const other = queue.findIndex(
		({ request }, i) => first === undefined || !follows(first.request, request, i),
	);
	return other < 0 ? queue.length : other;
}

function follows(first: ChatRequest, { sampling }: ChatRequest, i: number): boolean {
	const { temperature, topP, maxTokens, seed } = first.sampling;
	return (
		sampling.temperature === temperature &&
		sampling.topP === topP &&
		sampling.maxTokens === maxTokens &&
		sampling.seed === seed + i
	);
}

/** Answers a batch. Never rejects: each request gets its reply, its refusal, or the error of the whole batch. */
async function answer(model: BatchModel, batch: readonly Waiting[]): Promise<void> {
	const [first] = batch;
	if (first === undefined) return;
	const settle = (index: number, reply: PromptReply): void => {
		if ('refused' in reply) batch[index]?.reject(fromWire(reply.refused));
		else batch[index]?.resolve(reply);
	};
	const { signal, end } = whenAllAborted(batch.map((one) => one.signal));
	try {
		const prompts = batch.map(({ request }) => request.messages);
		await model.completeMany(prompts, first.request.sampling, settle, signal);
		// A promise that is settled already ignores this.
		for (const { reject } of batch) reject(new Cancelled());
	} catch (thrown) {
		for (const { reject } of batch) reject(asAppError(thrown));
	} finally {
		end();
	}
}

/** A signal that fires when all of these have fired: the others of a batch still want their answers. */
function whenAllAborted(signals: readonly AbortSignal[]): { signal: AbortSignal; end: () => void } {
	const all = new AbortController();
	const check = (): void => {
		if (signals.every(({ aborted }) => aborted)) all.abort();
	};
	check();
	for (const signal of signals) signal.addEventListener('abort', check);
	const end = (): void => {
		for (const signal of signals) signal.removeEventListener('abort', check);
	};
	return { signal: all.signal, end };
}
