/** Ids of the tokens that begin, end and fill texts, from the tokenizer's files and `config.json`. */
import { isRecord } from '../../format/record.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { addedTokens } from './tokenizerJson.ts';

type Files = Pick<Checkpoint, 'tokenizerJson' | 'tokenizerConfig' | 'hfConfig'>;

/** Null if the model has no such token. */
export function tokenIds(files: Files): { bos: number | null; pad: number | null } {
	const id = (name: string): number | null => {
		const [first] = idsIn(files.hfConfig[`${name}_token_id`]);
		return namedId(files, name) ?? first ?? null;
	};
	return { bos: id('bos'), pad: id('pad') };
}

/**
 * Tokens at which an answer ends, without repetition: the tokenizer's, those of `config.json`, and the added
 * token that the chat template puts after an answer.
 *
 * @param afterAnswer words of the chat template after an answer
 */
export function stopTokenIds(files: Files, afterAnswer: string): number[] {
	const added = addedTokens(files.tokenizerJson);
	const trimmed = afterAnswer.trimStart();
	const turnEnd = [...added.keys()].find((token) => token !== '' && trimmed.startsWith(token));
	const all = [
		namedId(files, 'eos'),
		...idsIn(files.hfConfig['eos_token_id']),
		turnEnd === undefined ? null : (added.get(turnEnd) ?? null),
	];
	return [...new Set(all.filter((id) => id !== null))];
}

/** The id of a token that `tokenizer_config.json` names by its text. */
function namedId({ tokenizerJson, tokenizerConfig }: Files, name: string): number | null {
	const token: unknown = tokenizerConfig[`${name}_token`];
	const text: unknown = isRecord(token) ? token['content'] : token;
	if (typeof text !== 'string') return null;
	return addedTokens(tokenizerJson).get(text) ?? vocabularyId(tokenizerJson['model'], text);
}

function vocabularyId(model: unknown, text: string): number | null {
	const vocab: unknown = isRecord(model) ? model['vocab'] : undefined;
	const id: unknown = isRecord(vocab) && Object.hasOwn(vocab, text) ? vocab[text] : undefined;
	return typeof id === 'number' ? id : null;
}

/** `config.json` has one id or a list of ids. */
function idsIn(value: unknown): number[] {
	const list: readonly unknown[] = Array.isArray(value) ? value : [value];
	return list.filter((id) => typeof id === 'number');
}
