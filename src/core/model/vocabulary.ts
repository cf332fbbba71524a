/** The ids of a tokenizer, checked against the model's vocabulary: an id beyond it would read other memory. */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** The parts of `tokenizer.json` that hold ids. BPE and WordPiece map tokens to ids; Unigram lists tokens. */
const tokenizerSchema = v.looseObject({
	model: v.looseObject({
		vocab: v.optional(v.union([v.record(v.string(), id), v.array(v.unknown())])),
	}),
	added_tokens: v.nullish(v.array(v.looseObject({ id }))),
});

/**
 * @param tokenizerJson parsed `tokenizer.json`; another form is left to the tokenizer, which names it
 * @throws FormatError `tokenizer-vocab` if a token has no row in the model's embedding
 */
export function expectVocabulary(tokenizerJson: unknown, vocabSize: number, file: string): void {
	const parsed = v.safeParse(tokenizerSchema, tokenizerJson);
	if (!parsed.success) return;
	const { model, added_tokens } = parsed.output;
	const { vocab = {} } = model;
	let largest = Array.isArray(vocab) ? vocab.length - 1 : -1;
	if (!Array.isArray(vocab)) for (const token in vocab) largest = Math.max(largest, vocab[token] ?? 0);
	for (const token of added_tokens ?? []) largest = Math.max(largest, token.id);
	if (largest < vocabSize) return;
	throw new FormatError(`${file} has the token ${largest}; the model ends at its vocab_size ${vocabSize}.`, {
		code: 'tokenizer-vocab',
		hint: 'The tokenizer belongs to another model; copy the whole folder again, or take another model.',
		context: { file, largest, vocabSize },
	});
}
