/** Typed access to a GGUF file's metadata; a missing or wrong field is named by its key. */
import { FormatError } from '../../errors.ts';
import type { GgufValue } from './metadataValues.ts';

export class Metadata {
	/** File name, for messages. */
	readonly source: string;
	readonly #values: ReadonlyMap<string, GgufValue>;

	constructor(values: ReadonlyMap<string, GgufValue>, source: string) {
		this.#values = values;
		this.source = source;
	}

	has(key: string): boolean {
		return this.#values.has(key);
	}

	/** @throws FormatError `gguf-metadata` if the field is no text, or absent and without a fallback */
	text(key: string, fallback?: string): string {
		const value = this.#values.get(key) ?? fallback;
		if (typeof value === 'string') return value;
		throw this.#wrong(key, 'a text', value);
	}

	/** Null if the field is absent or no text. */
	textIfAny(key: string): string | null {
		const value = this.#values.get(key);
		return typeof value === 'string' ? value : null;
	}

	/** @throws FormatError `gguf-metadata` if the field is no number, or absent and without a fallback */
	number(key: string, fallback?: number): number {
		const value = this.#values.get(key) ?? fallback;
		if (typeof value === 'number') return value;
		throw this.#wrong(key, 'a number', value);
	}

	/** A number, or an equal number for every layer. */
	numberOfAllLayers(key: string, fallback?: number): number {
		const value = this.#values.get(key);
		if (!Array.isArray(value)) return this.number(key, fallback);
		const [first, ...others] = this.numbers(key);
		if (first !== undefined && others.every((other) => other === first)) return first;
		throw this.#wrong(key, 'one number for all layers', value);
	}

	/** A token's id; null if the field is absent. */
	id(key: string): number | null {
		if (!this.has(key)) return null;
		const id = this.number(key);
		if (Number.isInteger(id) && id >= 0) return id;
		throw this.#wrong(key, 'a token’s id', id);
	}

	/** @throws FormatError `gguf-metadata` if the field is neither true nor false */
	flag(key: string, fallback: boolean): boolean {
		const value = this.#values.get(key) ?? fallback;
		if (typeof value === 'boolean') return value;
		throw this.#wrong(key, 'true or false', value);
	}

	/** @throws FormatError `gguf-metadata` if the field is absent or holds other items */
	texts(key: string): readonly string[] {
		const value = this.#values.get(key);
		if (isListOf(value, (item) => typeof item === 'string')) return value;
		throw this.#wrong(key, 'a list of texts', value);
	}

	/** @throws FormatError `gguf-metadata` if the field is absent or holds other items */
	numbers(key: string): readonly number[] {
		const value = this.#values.get(key);
		if (isListOf(value, (item) => typeof item === 'number')) return value;
		throw this.#wrong(key, 'a list of numbers', value);
	}

	#wrong(key: string, expected: string, value: unknown): FormatError {
		const found = Array.isArray(value) ? 'a list' : shown(value);
		const fault = value === undefined ? 'is missing' : `should be ${expected}, not ${found}`;
		return new FormatError(`${this.source}: the metadata field ${key} ${fault}.`, {
			code: 'gguf-metadata',
			hint: 'Take a GGUF file that a current llama.cpp made from a whole model.',
			context: { source: this.source, key },
		});
	}
}

function isListOf<T extends GgufValue>(
	value: GgufValue | undefined,
	is: (item: GgufValue) => item is T,
): value is readonly T[] {
	return Array.isArray(value) && value.every((item: GgufValue) => is(item));
}

function shown(value: unknown): string {
	return typeof value === 'string' ? `“${value.slice(0, 40)}”` : `${Number(value)}`;
}
