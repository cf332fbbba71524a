/** Shared nodes: equal nodes are one object. Counts the work, and refuses constants beyond float32. */
import { AlgebraError } from '../error.ts';
import { FUNCTIONS } from '../functions.ts';
import type { Expr, Form } from '../tree.ts';

/** Just below the largest float32: constants are written into WGSL, which refuses others. */
const LARGEST = 3.4e38;

/** Limit of terms and factors handled for one objective. Published objectives need fewer than 4,000. */
const MOST_WORK = 100_000;

export class Interner {
	readonly #nodes = new Map<string, Expr>();
	#work = 0;

	/**
	 * Counts work, which bounds time and memory for any text, equally on every machine.
	 *
	 * @throws AlgebraError if the budget is spent
	 */
	spend(work: number): void {
		this.#work += work;
		if (this.#work > MOST_WORK) {
			throw new AlgebraError(
				'This expression is too complicated: its gradient has too many parts.',
				'Shorten it.',
			);
		}
	}

	/** The one node of this form. */
	intern(form: Form<Expr>): Expr {
		const key = keyOf(form);
		const known = this.#nodes.get(key);
		if (known) return known;
		const made: Expr = { ...form, id: this.#nodes.size, constant: constantOf(form) };
		this.#nodes.set(key, made);
		return made;
	}
}

function keyOf(form: Form<Expr>): string {
	if (form.kind === 'number') return `number ${form.value}`;
	if (form.kind === 'name') return `name ${form.name}`;
	const ids = form.args.map(({ id }) => id);
	if (form.kind === 'call') return `${form.fn} ${ids.join(' ')}`;
	// Terms and factors commute. A node keeps the order of the text that made it first.
	return `${form.kind} ${(form.kind === 'power' ? ids : ids.sort((a, b) => a - b)).join(' ')}`;
}

function finite(value: number): number {
	if (Math.abs(value) <= LARGEST) return value;
	throw new AlgebraError(
		`A constant part equals ${value}, which is not a finite 32-bit number.`,
		'Use smaller numbers, and do not divide by 0.',
	);
}

/** The value of a node without names. The constant parts of a sum or product must be finite too. */
function constantOf(form: Form<Expr>): number | undefined {
	if (form.kind === 'name') return undefined;
	if (form.kind === 'number') return finite(form.value);
	const constants = form.args.flatMap(({ constant }) => (constant === undefined ? [] : [constant]));
	const whole = constants.length === form.args.length;
	if (form.kind === 'sum' || form.kind === 'product') {
		const part = finite(
			form.kind === 'sum' ? constants.reduce((x, y) => x + y, 0) : constants.reduce((x, y) => x * y, 1),
		);
		return whole ? part : undefined;
	}
	if (!whole) return undefined;
	const [x = NaN, y = NaN] = constants;
	return finite(form.kind === 'power' ? x ** y : FUNCTIONS[form.fn].value(...constants));
}
