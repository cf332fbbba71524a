/**
 * Tokens to text by the decoder of `tokenizer.json`, as the Rust library does. The JavaScript library differs for byte
 * tokens: it drops U+FEFF, and in a run that is not UTF-8 it keeps the characters that are whole.
 *
 * @source tokenizers 0.23, decoders
 */
import { BYTE_CHARACTERS } from './byteCharacters.ts';
import { isStep, textOr, type Step } from './step.ts';

/** Text of the tokens of a whole text: the first token may lose its leading space. */
export type Decode = (tokens: readonly string[]) => string;

type Chain = (tokens: readonly string[]) => readonly string[];

/** @throws Error naming a step of another kind */
export function createDecode(decoder: unknown): Decode {
	if (!isStep(decoder)) return (tokens) => tokens.join(' ');
	const chain = chainOf(decoder);
	return (tokens) => chain(tokens).join('');
}

const CHAINS: ReadonlyMap<string, (step: Step) => Chain> = new Map<string, (step: Step) => Chain>([
	['ByteLevel', () => byteLevel],
	['ByteFallback', () => byteFallback],
	['Fuse', () => (tokens) => [tokens.join('')]],
	['Replace', replace],
	['Strip', strip],
	['Metaspace', metaspace],
	['Sequence', sequence],
]);

function chainOf(step: Step): Chain {
	const build = CHAINS.get(textOr(step['type'], ''));
	if (build === undefined)
		throw new Error(`the decoder ${textOr(step['type'], '').slice(0, 40)} is not known`);
	return build(step);
}

function sequence(step: Step): Chain {
	const list: unknown = step['decoders'];
	const chains = Array.isArray(list) ? list.filter(isStep).map(chainOf) : [];
	return (tokens) => chains.reduce((result, chain) => chain(result), tokens);
}

/** The byte of each character of a byte-level token. */
const BYTES: ReadonlyMap<string, number> = new Map(
	BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

function byteLevel(tokens: readonly string[]): readonly string[] {
	return [utf8.decode(Uint8Array.from(tokens.flatMap(bytesOf)))];
}

/** A token with another character, for example an added one, is plain text. */
function bytesOf(token: string): readonly number[] {
	const bytes: number[] = [];
	for (const character of token) {
		const byte = BYTES.get(character);
		if (byte === undefined) return [...encoder.encode(token)];
		bytes.push(byte);
	}
	return bytes;
}

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

function byteFallback(tokens: readonly string[]): readonly string[] {
	const result: string[] = [];
	let run: number[] = [];
	const endRun = (): void => {
		if (run.length > 0) result.push(textOfRun(run));
		run = [];
	};
	for (const token of tokens) {
		const byte = BYTE_TOKEN.exec(token)?.[1];
		if (byte === undefined) {
			endRun();
			result.push(token);
		} else {
			run.push(Number.parseInt(byte, 16));
		}
	}
	endRun();
	return result;
}

/** A run of bytes that is not UTF-8 becomes one replacement character per byte. */
function textOfRun(run: readonly number[]): string {
	try {
		return strictUtf8.decode(Uint8Array.from(run));
	} catch {
		return '\uFFFD'.repeat(run.length);
	}
}

function replace(step: Step): Chain {
	const pattern: unknown = step['pattern'];
	const literal = isStep(pattern) ? pattern['String'] : undefined;
	if (typeof literal !== 'string') throw new Error('the decoder Replace has a pattern that is no text');
	const content = textOr(step['content'], '');
	return (tokens) => tokens.map((token) => token.replaceAll(literal, () => content));
}

function strip(step: Step): Chain {
	const content = textOr(step['content'], ' ');
	const most = { start: countOf(step['start']), stop: countOf(step['stop']) };
	return (tokens) => tokens.map((token) => stripped(token, content, most));
}

const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

function stripped(token: string, content: string, most: { start: number; stop: number }): string {
	let [start, end] = [0, token.length];
	while (start < most.start && token[start] === content) start++;
	while (token.length - end < most.stop && end > start && token[end - 1] === content) end--;
	return token.slice(start, end);
}

/** The first token loses its replaced spaces, unless none is ever added. */
function metaspace(step: Step): Chain {
	const replacement = textOr(step['replacement'], '▁');
	const scheme = step['prepend_scheme'] ?? (step['add_prefix_space'] === false ? 'never' : 'always');
	return (tokens) =>
		tokens.map((token, i) => token.replaceAll(replacement, i === 0 && scheme !== 'never' ? '' : ' '));
}
