/**
 * Lists of texts or of flat records in YAML, alone or under one key, with quoted, plain and block texts. It reads no other YAML: a
 * list that holds more is refused as a whole, because a half-read prompt is worse than none. Takes linear time.
 */
import { isRecord } from './record.ts';
import { type FileRow, shown } from './rows.ts';
import { linesOf } from './text.ts';

type Scalar = string | boolean | null;
type Value = Scalar | Record<string, Scalar>;

interface Line {
	line: number;
	indent: number;
	/** Without indentation and spaces at the end. */
	text: string;
}

/** Thrown for YAML that is not read here. */
class OtherYaml extends Error {}

const IGNORED = /^(?:#.*|---.*|\.\.\.|%YAML.*)$/;
const TOP_KEY = /^["']?[\p{L}_][\p{L}\p{N}_ -]{0,60}["']?:$/u;
const PAIR = /^(?<key>[\p{L}_][\p{L}\p{N}_-]{0,60}):(?:[ \t]+(?<value>\S.*))?$/u;
const BLOCK = /^(?<style>[|>])[-+]?$/;
const WORDS: Readonly<Record<string, Scalar>> = { '~': null, null: null, true: true, false: false };

function linesIn(text: string): Line[] {
	return [...linesOf(text)].map(({ line, text: raw }) => {
		const trimmed = raw.trimStart();
		return { line, indent: raw.length - trimmed.length, text: trimmed.trimEnd() };
	});
}

function plain(text: string): Scalar {
	const comment = text.search(/[ \t]#/);
	const value = (comment < 0 ? text : text.slice(0, comment)).trimEnd();
	if (/^[[\]{}&*!|>%@`,?]|:(?:[ \t]|$)/.test(value)) throw new OtherYaml();
	return Object.hasOwn(WORDS, value) ? (WORDS[value] ?? null) : value;
}

function scalar(text: string): Scalar {
	if (text.startsWith("'")) {
		const inner = /^'((?:[^']|'')*)'(?:[ \t]+#.*)?$/.exec(text)?.[1];
		if (inner === undefined) throw new OtherYaml();
		return inner.replaceAll("''", "'");
	}
	if (!text.startsWith('"')) return plain(text);
	const quoted = /^"(?:[^"\\]|\\.)*"(?=(?:[ \t]+#.*)?$)/.exec(text)?.[0];
	if (quoted === undefined) throw new OtherYaml();
	return JSON.parse(quoted) as string;
}

class Reader {
	readonly #lines: readonly Line[];
	#at = 0;

	constructor(lines: readonly Line[]) {
		this.#lines = lines;
	}

	rows(): FileRow[] {
		const first = this.#next();
		if (first?.indent === 0 && TOP_KEY.test(first.text)) this.#at++;
		const indent = this.#next()?.indent ?? 0;
		const rows: FileRow[] = [];
		for (let line = this.#next(); line !== null; line = this.#next()) {
			if (line.indent !== indent || !/^-(?:[ \t]|$)/.test(line.text)) throw new OtherYaml();
			rows.push({ line: line.line, text: shown(line.text), ok: true, value: this.#item(line) });
		}
		// A text with a colon reads as a record: “Translate: hello”.
		if (new Set(rows.map(firstKey)).size > 1) throw new OtherYaml();
		return rows;
	}

	/** The next line that says something; null at the end. */
	#next(): Line | null {
		while (this.#at < this.#lines.length) {
			const line = this.#lines[this.#at];
			if (line !== undefined && line.text !== '' && !IGNORED.test(line.text)) return line;
			this.#at++;
		}
		return null;
	}

	#item({ indent, text }: Line): Value {
		this.#at++;
		const content = text.slice(1).trimStart();
		if (!PAIR.test(content)) return this.#value(content, indent);
		const inner = indent + text.length - content.length;
		const entries = [this.#entry(content, inner)];
		for (let line = this.#next(); line !== null && line.indent === inner; line = this.#next()) {
			this.#at++;
			entries.push(this.#entry(line.text, inner));
		}
		return Object.fromEntries(entries);
	}

	#entry(text: string, indent: number): [string, Scalar] {
		const { key, value = '' } = PAIR.exec(text)?.groups ?? {};
		if (key === undefined) throw new OtherYaml();
		return [key, this.#value(value, indent)];
	}

	/** @param indent of the dash or the key that the value belongs to */
	#value(text: string, indent: number): Scalar {
		const style = BLOCK.exec(text)?.groups?.['style'];
		if (style !== undefined) return this.#block(indent, style === '|' ? '\n' : ' ');
		const next = this.#next();
		// The value goes on in the next line.
		if (next !== null && next.indent > indent && !(text !== '' && next.text.startsWith('#')))
			throw new OtherYaml();
		return text === '' ? null : scalar(text);
	}

	#block(outer: number, joint: string): string {
		const lines: string[] = [];
		const inner = this.#lines[this.#at]?.indent ?? 0;
		for (; this.#at < this.#lines.length; this.#at++) {
			const line = this.#lines[this.#at];
			if (line === undefined || (line.text !== '' && line.indent <= outer)) break;
			lines.push(line.text === '' ? '' : ' '.repeat(Math.max(0, line.indent - inner)) + line.text);
		}
		return lines.join(joint).trim();
	}
}

/** The first key of a record; null for a text. */
function firstKey(row: FileRow): string | null {
	const value = row.ok ? row.value : null;
	return isRecord(value) ? (Object.keys(value)[0] ?? null) : null;
}

/** The rows of a list in YAML; null if the text is other YAML. */
export function yamlRows(text: string): FileRow[] | null {
	try {
		return new Reader(linesIn(text)).rows();
	} catch (thrown) {
		// JSON.parse refuses escapes that only YAML has.
		if (thrown instanceof OtherYaml || thrown instanceof SyntaxError) return null;
		throw thrown;
	}
}
