// Data exchanged between python/webllm/expected.py, scripts/check-model.mjs and its page.
import type { Completion } from './engine.ts';

/** base: adapter off; tuned: adapter on. */
export type Which = 'base' | 'tuned';

/** steps: the likeliest ids of every step, with their log-probabilities in nats. */
export interface Answer {
	tokens: number[];
	stopped: boolean;
	steps: [id: number, logp: number][][];
}

/** turns alternate user, assistant, …, user. */
export interface Chat extends Record<Which, Answer> {
	turns: string[];
	prompt: number[];
}

/** python/build/expected.json */
export interface Expected {
	model: string;
	prefillChunk: number;
	single: Chat[];
	/** everyPosition: null if the library lacks the function for it. */
	long: Chat & { everyPosition: Record<Which, number[]> | null };
	/** null if no answer ends */
	second: (Chat & { encodedAtOnce?: boolean }) | null;
	/** Only the checks that differ between libraries: chats, turns, sampler and adapter. */
	brief?: boolean;
}

/** The page's report on a loaded model. */
export interface Loaded {
	seconds: number;
	id: string;
	/** 0 if the library has no LoRA compiled in. */
	loraMaxRank: number;
	vocabSize: number;
	/** Four-bit weights (`q4f32_1`) cannot take a merged adapter. */
	quantization: string;
}

/** One answer, with the ids that were fed and answered. */
export interface Reply extends Completion {
	tokens: number[];
	fed: number[];
}

/** The functions that the page puts on `window.check`; `turns` alternate user, assistant, …, user. */
export interface Check {
	/** Reads the adapter and loads the model. */
	load(): Promise<Loaded>;
	/** One request from an empty cache. */
	chat(turns: string[], count: number): Promise<Reply>;
	/** Two requests, the second on the cache of the first: ids fed by both. */
	turnByTurn(turns: string[], count: number): Promise<Reply & { first: string }>;
	answer(prompt: string, options: object): Promise<Reply>;
	everyPosition(ids: number[], chunk: number): Promise<number[]>;
	/** Milliseconds to write the adapter at a strength; 0 is the base. */
	adapt(strength: number): Promise<number>;
	/** Milliseconds to merge the adapter into the weights in place, or to restore them. */
	merge(on: boolean): Promise<number>;
	sample(probs: number[], draws: [uniform: number, topP: number][]): Promise<number[]>;
	/** The same prompt in the app's worker: adapter off, on, off. */
	worker(prompt: string, count: number): Promise<string[]>;
}
