import { describe, expect, it } from 'vitest';
import { batchedChat } from '#app/engines/batchedChat.ts';
import type { BatchModel } from '#app/engines/computeTarget.ts';
import { promptTooLong, rowFault } from '#core/batch/rowFaults.ts';
import { AppError, Cancelled } from '#core/errors.ts';
import type { ChatRequest } from '#core/ports.ts';
import { fakeReply } from '#tests/support/fakeCompute.ts';

function request(content: string, seed: number, maxTokens = 8): ChatRequest {
	return { messages: [{ role: 'user', content }], sampling: { temperature: 1, topP: 1, maxTokens, seed } };
}

/** Answers with the prompt and the seed of its row; refuses “long”. */
function echo(before: (signal: AbortSignal) => Promise<void> | void = () => undefined) {
	const sizes: number[] = [];
	const model: BatchModel = {
		id: 'echo',
		complete: () => Promise.reject(new Error('asked alone')),
		completeMany: async (prompts, { seed }, onReply, signal) => {
			sizes.push(prompts.length);
			await before(signal);
			for (const [i, messages] of prompts.entries()) {
				const text = messages.at(-1)?.content ?? '';
				const reply = fakeReply(`${text} ${seed + i}`);
				onReply(i, text === 'long' ? { refused: rowFault('', promptTooLong(9, 8)).error } : reply);
			}
		},
	};
	return { sizes, chat: batchedChat(model) };
}

const never = new AbortController().signal;

describe('requests that wait together', () => {
	it('are one batch if their seeds follow each other, and each gets its own answer', async () => {
		const { chat, sizes } = echo();
		const asked = [7, 8, 9, 20].map((seed) => chat.complete(request('a', seed), never));
		expect((await Promise.all(asked)).map(({ text }) => text)).toEqual(['a 7', 'a 8', 'a 9', 'a 20']);
		expect(sizes).toEqual([3, 1]);
	});

	it('with other settings are batches of their own', async () => {
		const { chat, sizes } = echo();
		await Promise.all([
			chat.complete(request('a', 1), never),
			chat.complete(request('b', 2, 16), never),
			chat.complete(request('c', 3, 16), never),
		]);
		expect(sizes).toEqual([1, 2]);
	});

	it('a refused one fails alone', async () => {
		const { chat } = echo();
		const asked = ['a', 'long', 'b'].map((text, i) => chat.complete(request(text, i), never));
		const [first, second, third] = await Promise.allSettled(asked);
		expect(first).toMatchObject({ value: { text: 'a 0' } });
		expect(second).toMatchObject({ reason: { code: 'prompt-too-long' } });
		expect(third).toMatchObject({ value: { text: 'b 2' } });
	});

	it('all fail with the engine, and the next request is asked again', async () => {
		let broken = true;
		const { chat } = echo(() => {
			if (broken) throw new AppError('Broke.', { code: 'engine-broke' });
		});
		const asked = [1, 2].map((seed) => chat.complete(request('a', seed), never));
		for (const one of await Promise.allSettled(asked))
			expect(one).toMatchObject({ reason: { code: 'engine-broke' } });
		broken = false;
		expect((await chat.complete(request('a', 3), never)).text).toBe('a 3');
	});
});

it('a batch is stopped when nobody waits for it any more', async () => {
	const stops = [new AbortController(), new AbortController()];
	const seen: boolean[] = [];
	const { chat } = echo((signal) => {
		for (const stop of stops) {
			stop.abort();
			seen.push(signal.aborted);
		}
		throw new Cancelled();
	});
	const asked = stops.map(({ signal }, seed) => chat.complete(request('a', seed), signal));
	for (const one of await Promise.allSettled(asked))
		expect(one).toMatchObject({ reason: { code: 'cancelled' } });
	expect(seen).toEqual([false, true]);
});
