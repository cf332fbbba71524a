/** Questions to both engines, and the functions of the page that asks WebLLM. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { Sampling } from '#core/output/output.ts';
import { randomAdapter, widenAdapter } from '../../support/randomAdapter.ts';

export interface Question {
	prompts: readonly string[];
	sampling: Sampling;
	/** A random adapter; null for the base model. */
	adapter: WantedAdapter | null;
}

/** `size` is the spread of its numbers. */
export interface WantedAdapter {
	rank: number;
	size: number;
}

export interface Answered {
	/** In the order of the prompts. */
	replies: readonly {
		text: string;
		ids: readonly number[];
		prefillTokensPerSecond: number;
		decodeTokensPerSecond: number;
	}[];
	/** Time to write the adapter. */
	adapterSeconds: number;
}

export interface KeptModelPage {
	/** Adds a GGUF file. @returns id of the compiled library that fits, or null */
	keep(address: string, name: string): Promise<string | null>;
	/** @returns seconds */
	load(): Promise<number>;
	answer(question: Question): Promise<Answered>;
}

/** The same change of the weights at any rank from 8 on: zeros fill a higher one. */
export function adapterOf(config: ModelConfig, { rank, size }: WantedAdapter): Adapter {
	return widenAdapter(randomAdapter(config, 8, 3, size), rank);
}
