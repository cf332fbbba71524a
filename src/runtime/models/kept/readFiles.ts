/** The small files of a form, by their names in its folder. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import type { ModelForm } from '#core/checkpoint/modelForms.ts';
import { FormatError } from '#core/errors.ts';
import { parseJson } from '../manifest.ts';

/** Bytes of a file of the form, by its path. */
export type SourceOf = (path: string) => ByteSource;

/** A tokenizer of 250,000 tokens has 35 MB. */
const MOST_BYTES = 2 ** 27;

export class FormFiles {
	readonly #form: ModelForm;
	readonly #sourceOf: SourceOf;
	readonly #signal: AbortSignal;

	constructor(form: ModelForm, sourceOf: SourceOf, signal: AbortSignal) {
		this.#form = form;
		this.#sourceOf = sourceOf;
		this.#signal = signal;
	}

	has(name: string): boolean {
		return this.#form.paths.includes(this.#form.folder + name);
	}

	/** @throws FormatError `model-file-missing`, `model-file-not-json`, `model-file-large`; the source's errors; Cancelled */
	async json(name: string): Promise<unknown> {
		return parseJson(await this.#bytes(name), name);
	}

	/** Null if the form has no such file. */
	async jsonIfAny(name: string): Promise<unknown> {
		return this.has(name) ? this.json(name) : null;
	}

	async textIfAny(name: string): Promise<string | null> {
		return this.has(name) ? new TextDecoder().decode(await this.#bytes(name)) : null;
	}

	async #bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
		if (!this.has(name)) throw missing(name);
		const source = this.#sourceOf(this.#form.folder + name);
		if (source.size > MOST_BYTES) throw tooLarge(name, source.size);
		return source.read(0, source.size, this.#signal);
	}
}

function missing(name: string): FormatError {
	return new FormatError(`The model has no ${name}.`, {
		code: 'model-file-missing',
		hint:
			name === 'tokenizer.json'
				? 'Look for a version of the model with tokenizer.json, or for a GGUF file, which holds its tokenizer.'
				: 'Take all files of the model from the same place.',
		context: { file: name },
	});
}

function tooLarge(name: string, size: number): FormatError {
	return new FormatError(`${name} has ${size} bytes; such a file has at most ${MOST_BYTES}.`, {
		code: 'model-file-large',
		hint: 'The file is damaged or another one. Take it from the model’s page again.',
		context: { file: name, size },
	});
}
