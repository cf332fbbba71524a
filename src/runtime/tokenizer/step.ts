/** Reading the steps of a parsed `tokenizer.json`, which comes from outside. */

/** An object of the file: a normalizer, a pre-tokenizer, a decoder or a part of one. */
export type Step = Readonly<Record<string, unknown>>;

export function isStep(value: unknown): value is Step {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOr(value: unknown, otherwise: string): string {
	return typeof value === 'string' ? value : otherwise;
}
