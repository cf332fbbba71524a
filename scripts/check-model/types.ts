// What travels between python/webllm/expected.py, scripts/check-model.mjs and the page it opens.

/** One of PEFT's matrices: lora_A [rank, in] or lora_B [out, rank]. */
export interface Tensor {
	name: string;
	shape: [rows: number, columns: number];
	values: Float32Array;
}

/** The fields of manifest.json that the check reads. `architecture` is the Hugging Face config. */
export interface Manifest {
	id: string;
	library: string;
	loraMaxRank: number;
	/** Four-bit weights cannot take a merged adapter. */
	quantization: 'q0f32' | 'q4f32_1';
	architecture: {
		model_type: string;
		vocab_size: number;
		hidden_size: number;
		intermediate_size: number;
		num_hidden_layers: number;
		num_attention_heads: number;
		num_key_value_heads?: number;
		head_dim?: number;
	};
}

/** base: adapter off; tuned: adapter on. */
export type Which = 'base' | 'tuned';

/** steps: of every step, the likeliest ids with their log-probabilities in nats. */
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

export interface AdapterLayout {
	scaling: number;
	tensors: Omit<Tensor, 'values'>[];
}

/** python/build/expected.json */
export interface Expected {
	model: string;
	prefillChunk: number;
	single: Chat[];
	long: Chat & { everyPosition: Record<Which, number[]> };
	/** null for random weights, which never end an answer */
	second: Chat | null;
	adapter: AdapterLayout;
}

/** What the page answers; steps: log-probabilities of the likeliest tokens, by rank. */
export interface Reply {
	text: string;
	finish: string;
	steps: number[][];
	tokens: number[];
	fed: number[];
	usage: { prefill_tokens_per_s: number; decode_tokens_per_s: number };
}

/** The functions that the page puts on `window.check`, and what they answer. */
export interface Check {
	load(layout: AdapterLayout): Promise<{ seconds: number; manifest: Manifest }>;
	chat(turns: string[], count: number): Promise<Reply>;
	turnByTurn(turns: string[], count: number): Promise<Reply & { first: string }>;
	answer(prompt: string, options: object): Promise<Reply>;
	everyPosition(ids: number[], chunk: number): Promise<number[]>;
	adapt(strength: number): Promise<number>;
	merge(on: boolean): Promise<number>;
	sample(probs: number[], draws: [uniform: number, topP: number][]): Promise<number[]>;
	worker(prompt: string, count: number): Promise<string[]>;
}
