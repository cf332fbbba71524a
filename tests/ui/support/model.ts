/** A fake of the language model: answers the world's prompts, flawed or right, by a probability and a seed. */
import { hash32 } from '#core/math/hash.ts';
import { rng } from '#core/math/rng.ts';
import type { Sampling } from '#core/output/output.ts';
import type { ChatReply, ChatRequest, TargetModel } from '#core/ports.ts';
import { readTask } from '#core/world/tiny/families.ts';
import type { Adapter } from '#core/adapter/adapter.ts';

/** Probability of a right answer with an adapter of this many steps: 0.35 at the start, 0.9 after about 100. */
function skill(step: number, strength: number): number {
	return 0.35 + 0.55 * (1 - Math.exp((-step / 40) * Math.min(1, strength)));
}

export function answer(prompt: string, sampling: Sampling, step: number, strength: number): ChatReply {
	const task = readTask(prompt);
	const draw = rng(hash32(`${prompt}:${sampling.temperature > 0 ? sampling.seed : 0}`)).next();
	const right = draw < skill(step, strength);
	const text = task === null ? `I read: ${prompt}` : right ? task.answer : task.ownFlaw();
	return { text, finishReason: 'stop', tokens: text.split(/\s+/).length, tokenIds: null };
}

export class StandInTarget implements TargetModel {
	readonly id = 'anchor-1m';
	#step = 0;
	#strength = 0;
	/** Waits between two words of a streamed answer; none by default. */
	readonly #pause: () => Promise<void>;

	constructor(pause: () => Promise<void>) {
		this.#pause = pause;
	}

	load(): Promise<void> {
		return Promise.resolve();
	}

	setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		this.#step = adapter?.step ?? 0;
		this.#strength = strength;
		return Promise.resolve();
	}

	async complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (text: string) => void,
	): Promise<ChatReply> {
		const prompt = request.messages.at(-1)?.content ?? '';
		const reply = answer(prompt, request.sampling, this.#step, this.#strength);
		const words = reply.text.split(/(?<=\s)/);
		for (let i = 1; i <= words.length; i++) {
			signal.throwIfAborted();
			onText?.(words.slice(0, i).join(''));
		}
		await this.#pause();
		return reply;
	}

	dispose(): Promise<void> {
		return Promise.resolve();
	}
}
