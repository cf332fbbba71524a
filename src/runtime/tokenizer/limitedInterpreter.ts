/** Runs a chat template, which is a program from outside, within limits of steps, depth and size. */
import { Interpreter } from '@huggingface/jinja';

/** Evaluated nodes of one rendering. A long chat needs some ten thousand; five million take about a second. */
const MOST_STEPS = 5_000_000;
/** Nodes inside each other; the JavaScript stack holds several times as many. */
const MOST_DEPTH = 400;
/** Characters of one text. */
const MOST_TEXT = 16_000_000;
/** Entries of one list. */
export const MOST_ENTRIES = 1_000_000;

type Evaluate = Interpreter['evaluate'];
type Program = Parameters<Interpreter['run']>[0];

export class LimitedInterpreter extends Interpreter {
	#steps = 0;
	#depth = 0;

	/** @throws Error naming the limit, or with the template's own reason */
	render(program: Program): string {
		const { value } = this.run(program);
		if (typeof value !== 'string') throw new Error('it makes no text');
		return value;
	}

	override evaluate(...args: Parameters<Evaluate>): ReturnType<Evaluate> {
		if (++this.#steps > MOST_STEPS) throw new Error(`it takes more than ${MOST_STEPS} steps`);
		if (this.#depth >= MOST_DEPTH) throw new Error(`it nests more than ${MOST_DEPTH} levels`);
		this.#depth++;
		try {
			const result = super.evaluate(...args);
			expectSize(result.value);
			return result;
		} finally {
			this.#depth--;
		}
	}
}

function expectSize(value: unknown): void {
	if (typeof value === 'string' && value.length > MOST_TEXT) {
		throw new Error(`it makes a text of more than ${MOST_TEXT} characters`);
	}
	if (Array.isArray(value) && value.length > MOST_ENTRIES) {
		throw new Error(`it makes a list of more than ${MOST_ENTRIES} entries`);
	}
}
