/**
 * Reads lists and dicts as Python prints them: `[{'role': 'user', 'content': 'Hi'}]`. Exports of tables to CSV or JSON
 * often hold message lists in this form; NumPy prints its arrays without commas.
 */

/** Deeper nesting is no data of rows. */
const MOST_DEPTH = 40;

const WORDS: Readonly<Record<string, unknown>> = {
	None: null,
	True: true,
	False: false,
	null: null,
	// No row needs them, as in JSON.
	...Object.fromEntries(['nan', 'NaN', 'inf', 'Infinity', '-inf', '-Infinity'].map((word) => [word, null])),
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\n': '' };
const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const WORD = /-?[A-Za-z_]\w*/y;
const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Reader {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	/** The value that is the whole text. @throws SyntaxError */
	whole(): unknown {
		const value = this.#value(0);
		this.#skipSpaces();
		if (this.#at < this.#text.length) throw this.#fault();
		return value;
	}

	#fault(): SyntaxError {
		return new SyntaxError(`unexpected “${this.#text.slice(this.#at, this.#at + 10)}”`);
	}

	#skipSpaces(): void {
		while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
	}

	/** Takes the next character if it is `expected`. */
	#take(expected: string): boolean {
		this.#skipSpaces();
		if (this.#text.charAt(this.#at) !== expected) return false;
		this.#at++;
		return true;
	}

	#value(depth: number): unknown {
		if (depth > MOST_DEPTH) throw this.#fault();
		this.#skipSpaces();
		const next = this.#text.charAt(this.#at);
		if (next === '[' || next === '(') return this.#list(next === '[' ? ']' : ')', depth);
		if (next === '{') return this.#dict(depth);
		if (next === "'" || next === '"') return this.#string();
		return this.#wordOrNumber(depth);
	}

	#list(end: string, depth: number): unknown[] {
		this.#at++;
		const values: unknown[] = [];
		while (!this.#take(end)) {
			values.push(this.#value(depth + 1));
			// NumPy separates by spaces alone.
			this.#take(',');
		}
		return values;
	}

	#dict(depth: number): Record<string, unknown> {
		this.#at++;
		const entries: [string, unknown][] = [];
		while (!this.#take('}')) {
			const key = this.#value(depth + 1);
			if (typeof key !== 'string' || !this.#take(':')) throw this.#fault();
			entries.push([key, this.#value(depth + 1)]);
			if (!this.#take(',') && this.#peek() !== '}') throw this.#fault();
		}
		return Object.fromEntries(entries);
	}

	#peek(): string {
		this.#skipSpaces();
		return this.#text.charAt(this.#at);
	}

	#string(): string {
		const quote = this.#text.charAt(this.#at++);
		const parts: string[] = [];
		let start = this.#at;
		for (; this.#at < this.#text.length; this.#at++) {
			const letter = this.#text.charAt(this.#at);
			if (letter !== quote && letter !== '\\') continue;
			parts.push(this.#text.slice(start, this.#at));
			if (letter === quote) {
				this.#at++;
				return parts.join('');
			}
			parts.push(this.#escape());
			start = this.#at + 1;
		}
		throw this.#fault();
	}

	/** The character of an escape; leaves the position at its last letter. */
	#escape(): string {
		const letter = this.#text.charAt(++this.#at);
		const length = HEX_LENGTH[letter];
		if (length === undefined) return ESCAPES[letter] ?? (/[\\'"]/.test(letter) ? letter : `\\${letter}`);
		const digits = this.#text.slice(this.#at + 1, this.#at + 1 + length);
		const code = Number.parseInt(digits, 16);
		if (!/^[\da-f]+$/i.test(digits) || digits.length < length || code > 0x10ffff) throw this.#fault();
		this.#at += length;
		return String.fromCodePoint(code);
	}

	#wordOrNumber(depth: number): unknown {
		const number = this.#match(NUMBER);
		if (number !== null) return Number(number);
		const word = this.#match(WORD);
		if (word === 'array' && this.#take('(')) return this.#array(depth);
		if (word === null || !Object.hasOwn(WORDS, word)) throw this.#fault();
		return WORDS[word];
	}

	/** The list in NumPy's `array([…], dtype=object)`. */
	#array(depth: number): unknown {
		const value = this.#value(depth + 1);
		if (this.#take(',') && this.#match(/\s*dtype\s*=\s*[\w.'<>]+/y) === null) throw this.#fault();
		if (!this.#take(')')) throw this.#fault();
		return value;
	}

	#match(pattern: RegExp): string | null {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.#text)?.[0] ?? null;
		if (found !== null) this.#at += found.length;
		return found;
	}
}

/**
 * A list or dict as Python prints it.
 *
 * @throws SyntaxError if the text is anything else
 */
export function parsePythonLiteral(text: string): unknown {
	if (!/^\s*(?:[[{(]|array\()/.test(text)) throw new SyntaxError('no list and no dict');
	return new Reader(text).whole();
}
