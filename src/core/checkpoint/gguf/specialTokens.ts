/** The tokens that begin, end and fill texts, by the ids in a GGUF file's metadata. */
import { ggufInvalid } from './fault.ts';
import type { Metadata } from './metadata.ts';

export interface SpecialToken {
	id: number;
	content: string;
}

export interface SpecialTokens {
	bos: SpecialToken | null;
	eos: SpecialToken | null;
	pad: SpecialToken | null;
	unk: SpecialToken | null;
	/** True if the tokenizer puts bos before, or eos after, a text. */
	addsBos: boolean;
	addsEos: boolean;
}

/** Values that llama.cpp assumes if the file does not state them. */
interface Defaults {
	bos: number | null;
	eos: number | null;
	unk: number | null;
	addsBos: boolean;
}

/** @throws FormatError `gguf-invalid` if an id is beyond the vocabulary */
export function readSpecialTokens(
	metadata: Metadata,
	tokens: readonly string[],
	defaults: Defaults,
): SpecialTokens {
	const token = (name: string, fallback: number | null): SpecialToken | null => {
		const id = metadata.id(`tokenizer.ggml.${name}_token_id`) ?? fallback;
		if (id === null) return null;
		const content = tokens[id];
		if (content !== undefined) return { id, content };
		throw ggufInvalid(
			metadata.source,
			`has the ${name} token ${id}; its vocabulary ends at ${tokens.length}.`,
		);
	};
	return {
		bos: token('bos', defaults.bos),
		eos: token('eos', defaults.eos),
		pad: token('padding', null),
		unk: token('unknown', defaults.unk),
		addsBos: metadata.flag('tokenizer.ggml.add_bos_token', defaults.addsBos),
		addsEos: metadata.flag('tokenizer.ggml.add_eos_token', false),
	};
}

type Step = Readonly<Record<string, { id: string; type_id: number }>>;

/** The step of `tokenizer.json` that adds bos and eos; null if the tokenizer adds neither. */
export function templateProcessing({ bos, eos, addsBos, addsEos }: SpecialTokens): object | null {
	const first = addsBos ? bos : null;
	const last = addsEos ? eos : null;
	const used = [first, last].filter((token) => token !== null);
	if (used.length === 0) return null;
	const one = (token: SpecialToken | null, type_id: number): Step[] =>
		token === null ? [] : [{ SpecialToken: { id: token.content, type_id } }];
	const text = (id: string, type_id: number): Step[] => [
		...one(first, type_id),
		{ Sequence: { id, type_id } },
		...one(last, type_id),
	];
	return {
		type: 'TemplateProcessing',
		single: text('A', 0),
		pair: [...text('A', 0), ...text('B', 1)],
		special_tokens: Object.fromEntries(
			used.map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
		),
	};
}
