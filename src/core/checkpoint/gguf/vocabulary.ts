/** The tokens of a GGUF file, with the kinds that llama.cpp gives them (enum llama_token_type). */
import { ggufInvalid } from './fault.ts';
import type { Metadata } from './metadata.ts';

const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

export interface Vocabulary {
	/** Ids by token. Unused tokens, which fill an embedding up, are left out. */
	ids: ReadonlyMap<string, number>;
	/** The token of each id, unused ones included. */
	tokens: readonly string[];
	/** True for tokens that merging may form: no control tokens, no bytes. */
	isNormal: (id: number) => boolean;
	added: readonly AddedToken[];
}

/** An entry of `added_tokens` in `tokenizer.json`: text that is matched before merging. */
export interface AddedToken {
	id: number;
	content: string;
	single_word: boolean;
	lstrip: boolean;
	rstrip: boolean;
	normalized: boolean;
	special: boolean;
}

/** @throws FormatError `gguf-metadata` for missing fields, `gguf-invalid` if two tokens have the same text */
export function readVocabulary(metadata: Metadata): Vocabulary {
	const tokens = metadata.texts('tokenizer.ggml.tokens');
	const kinds = metadata.has('tokenizer.ggml.token_type')
		? metadata.numbers('tokenizer.ggml.token_type')
		: [];
	const kindOf = (id: number): number => kinds[id] ?? NORMAL;
	const ids = new Map<string, number>();
	const added: AddedToken[] = [];
	for (const [id, content] of tokens.entries()) {
		const kind = kindOf(id);
		if (kind === UNUSED) continue;
		const before = ids.get(content);
		if (before !== undefined) {
			throw ggufInvalid(
				metadata.source,
				`has the token ${JSON.stringify(content)} twice: ${before} and ${id}.`,
			);
		}
		ids.set(content, id);
		if (kind === CONTROL || kind === USER_DEFINED) added.push(addedToken(id, content, kind === CONTROL));
	}
	return { ids, tokens, added, isNormal: (id) => kindOf(id) === NORMAL };
}

export function addedToken(id: number, content: string, special: boolean): AddedToken {
	return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}
