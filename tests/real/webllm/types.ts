/** The functions of the page of a kept model, for the test that calls them. */

export interface Question {
	prompts: readonly string[];
	maxTokens: number;
	/** A random adapter; `size` is the spread of its numbers. Null for the base model. */
	adapter: { rank: number; size: number } | null;
}

export interface Answered {
	/** Greedy answers, in the order of the prompts. */
	webLlm: readonly { ids: readonly number[]; text: string }[];
	compute: readonly { ids: readonly number[]; text: string }[];
	/** Time to write the adapter, and of all of WebLLM's answers. */
	adapterSeconds: number;
	seconds: number;
	/** Of WebLLM's last answer. */
	decodeTokensPerSecond: number;
}

export interface KeptModelPage {
	/** Adds a GGUF file. @returns id of the compiled library that fits, or null */
	keep(address: string, name: string): Promise<string | null>;
	load(): Promise<{ webLlmSeconds: number; computeSeconds: number }>;
	answer(question: Question): Promise<Answered>;
}
