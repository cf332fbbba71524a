/** The lines of a text and their numbers, counted from 1. Lines end with CR LF, LF or CR, as editors count them. */
export function* linesOf(text: string): Generator<{ line: number; text: string; start: number }> {
	let line = 1;
	let start = 0;
	while (start < text.length) {
		const end = lineEnd(text, start);
		yield { line: line++, text: text.slice(start, end), start };
		start = nextLine(text, end);
	}
}

/** Index of the character that ends the line around `at`, or the text's length. */
export function lineEnd(text: string, at: number): number {
	for (let i = at; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code === 10 || code === 13) return i;
	}
	return text.length;
}

/** Index of the next line, if a line ends at `end`. */
export function nextLine(text: string, end: number): number {
	return text.startsWith('\r\n', end) ? end + 2 : end + 1;
}

/** Numbers the lines of a text. It scans each line once; positions can be looked up in any order. */
export class LineCounter {
	readonly #text: string;
	readonly #first: number;
	/** Starts of the lines that were scanned. */
	readonly #starts: number[] = [0];
	/** End of the last of them. */
	#end: number;

	/** @param first number of the text's first line */
	constructor(text: string, first = 1) {
		this.#text = text;
		this.#first = first;
		this.#end = lineEnd(text, 0);
	}

	/** The line of a position. */
	lineAt(position: number): number {
		while (this.#end < position && this.#end < this.#text.length) {
			const start = nextLine(this.#text, this.#end);
			this.#starts.push(start);
			this.#end = lineEnd(this.#text, start);
		}
		const last = this.#starts.length - 1;
		const index = position >= (this.#starts[last] ?? 0) ? last : this.#earlier(position);
		return this.#first + index;
	}

	/** Index of the scanned line that holds a position. */
	#earlier(position: number): number {
		let low = 0;
		let high = this.#starts.length;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if ((this.#starts[middle] ?? 0) <= position) low = middle;
			else high = middle;
		}
		return low;
	}
}
