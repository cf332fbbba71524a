/** Runs a chat template, which is a program from outside, within limits of steps, depth and size. */
import { Interpreter } from '@huggingface/jinja';
import { isStep } from './step.ts';

/** Evaluated nodes and turns of loops in one rendering: about a second. A chat of a thousand messages needs a fifth. */
const MOST_STEPS = 500_000;
/** Nodes inside each other; the JavaScript stack holds several times as many. */
const MOST_DEPTH = 400;
/** Characters of one text. */
const MOST_TEXT = 16_000_000;
/** Entries of one list. */
export const MOST_ENTRIES = 100_000;

type Evaluate = Interpreter['evaluate'];
type Program = Parameters<Interpreter['run']>[0];

export class LimitedInterpreter extends Interpreter {
	#steps = 0;
	#depth = 0;
	/** Expressions that loops run over. */
	readonly #iterables = new WeakSet<object>();

	/** @throws Error naming the limit, or with the template's own reason */
	render(program: Program): string {
		const { value } = this.run(program);
		if (typeof value !== 'string') throw new Error('it makes no text');
		return value;
	}

	override evaluate(...args: Parameters<Evaluate>): ReturnType<Evaluate> {
		const [node] = args;
		this.#count(1);
		if (this.#depth >= MOST_DEPTH) throw new Error(`it nests more than ${MOST_DEPTH} levels`);
		if (node?.type === 'For' && 'iterable' in node && isStep(node.iterable)) {
			this.#iterables.add(node.iterable);
		}
		this.#depth++;
		try {
			const result = super.evaluate(...args);
			expectSize(result.value);
			if (node !== undefined && this.#iterables.has(node)) this.#count(lengthOf(result.value));
			return result;
		} finally {
			this.#depth--;
		}
	}

	#count(steps: number): void {
		this.#steps += steps;
		if (this.#steps > MOST_STEPS) throw new Error(`it takes more than ${MOST_STEPS} steps`);
	}
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

function expectSize(value: unknown): void {
	if (typeof value === 'string' && value.length > MOST_TEXT) {
		throw new Error(`it makes a text of more than ${MOST_TEXT} characters`);
	}
	if (Array.isArray(value) && value.length > MOST_ENTRIES) {
		throw new Error(`it makes a list of more than ${MOST_ENTRIES} entries`);
	}
}
