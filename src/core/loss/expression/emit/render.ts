/**
 * Writes expressions. Signs, fractions and parentheses are the same for every language and are handled here; a
 * {@link Language} writes the parts.
 */
import type { FunctionName } from '../names.ts';
import type { PowerForm, Tree } from '../tree.ts';

/** Binding strength of a piece of text, loosest first. */
export const SUM = 0;
export const PRODUCT = 1;
export const POWER = 2;
export const ATOM = 3;
export type Tightness = typeof SUM | typeof PRODUCT | typeof POWER | typeof ATOM;

export interface Piece<T> {
	readonly text: T;
	readonly tightness: Tightness;
}

export interface Term<T> {
	readonly minus: boolean;
	readonly text: T;
}

export interface Language<T> {
	/** @param value at least 0 */
	number(value: number): T;
	name(name: string): T;
	group(inner: T): T;
	negative(inner: T): T;
	sum(first: T, rest: readonly Term<T>[]): T;
	product(factors: readonly T[]): T;
	fraction(over: T, under: T): T;
	/** A fraction's parts need no parentheses. */
	readonly stacksFractions?: true;
	/** Parts without names are written as one number. */
	readonly foldsConstants?: true;
	power(x: PowerForm<Tree>, part: (x: Tree, tightness: Tightness) => T): Piece<T>;
	call(fn: FunctionName, args: readonly T[], trees: readonly Tree[]): T;
}

/** @param names texts that replace nodes, such as the name of a variable with the node's value */
export function render<T>(root: Tree, language: Language<T>, names: ReadonlyMap<Tree, T> = new Map()): T {
	return new Renderer(language, names).piece(root).text;
}

const numberTree = (value: number): Tree => ({ kind: 'number', value, args: [], constant: value });

class Renderer<T> {
	readonly #language: Language<T>;
	readonly #names: ReadonlyMap<Tree, T>;

	constructor(language: Language<T>, names: ReadonlyMap<Tree, T>) {
		this.#language = language;
		this.#names = names;
	}

	piece(x: Tree): Piece<T> {
		const named = this.#names.get(x);
		if (named !== undefined) return { text: named, tightness: ATOM };
		const language = this.#language;
		if (language.foldsConstants && x.constant !== undefined) return this.#number(x.constant);
		switch (x.kind) {
			case 'number':
				return this.#number(x.value);
			case 'name':
				return { text: language.name(x.name), tightness: ATOM };
			case 'sum':
				return this.#sum(this.#folded(x.args, (a, b) => a + b));
			case 'product':
				return this.#product(this.#folded(x.args, (a, b) => a * b));
			case 'power':
				return isDivisor(x) ? this.#product([x]) : language.power(x, this.#within);
			case 'call': {
				const args = x.args.map((arg) => this.piece(arg).text);
				return { text: language.call(x.fn, args, x.args), tightness: ATOM };
			}
		}
	}

	/** The text of a part, in parentheses if it binds less than `tightness`. */
	#within = (x: Tree, tightness: Tightness): T => this.#grouped(this.piece(x), tightness);

	#grouped(piece: Piece<T>, tightness: Tightness): T {
		return piece.tightness < tightness ? this.#language.group(piece.text) : piece.text;
	}

	#number(value: number): Piece<T> {
		const text = this.#language.number(Math.abs(value));
		return value < 0 ? this.#negated({ text, tightness: ATOM }) : { text, tightness: ATOM };
	}

	#negated(piece: Piece<T>): Piece<T> {
		return { text: this.#language.negative(this.#grouped(piece, PRODUCT)), tightness: SUM };
	}

	/** Folds several constant operands into one number, so that no compiler overflows between them. */
	#folded(args: readonly Tree[], combine: (a: number, b: number) => number): readonly Tree[] {
		const constants = args.flatMap(({ constant }) => (constant === undefined ? [] : [constant]));
		if (!this.#language.foldsConstants || constants.length < 2) return args;
		const others = args.filter(({ constant }) => constant === undefined);
		return [numberTree(constants.reduce(combine)), ...others];
	}

	#sum(args: readonly Tree[]): Piece<T> {
		const terms = args.map((x) => this.#term(x));
		// b − a, not −a + b.
		if (terms[0]?.minus) terms.sort((a, b) => Number(a.minus) - Number(b.minus));
		const [first, ...rest] = terms;
		if (!first) return this.#number(0);
		const head = first.minus ? this.#language.negative(first.text) : first.text;
		return { text: this.#language.sum(head, rest), tightness: SUM };
	}

	/** A term without its sign. */
	#term(x: Tree): Term<T> {
		const positive = this.#names.has(x) ? null : withoutMinus(x);
		return { minus: positive !== null, text: this.#within(positive ?? x, PRODUCT) };
	}

	#product(args: readonly Tree[]): Piece<T> {
		const [first, ...others] = args;
		if (first?.kind === 'number' && first.value < 0) {
			const size = first.value === -1 && others.length > 0 ? others : [numberTree(-first.value), ...others];
			return this.#negated(this.#product(size));
		}
		const { over, under } = this.#overAndUnder(args);
		if (under.length === 0) return this.#times(over);
		const language = this.#language;
		const [above, below] = language.stacksFractions ? ([SUM, SUM] as const) : ([PRODUCT, POWER] as const);
		const top = over.length === 0 ? language.number(1) : this.#grouped(this.#times(over), above);
		const bottom = this.#grouped(this.#times(under), below);
		return { text: language.fraction(top, bottom), tightness: PRODUCT };
	}

	#times(factors: readonly Tree[]): Piece<T> {
		const [only] = factors;
		if (!only) return this.#number(1);
		if (factors.length === 1) return this.piece(only);
		const texts = factors.map((x) => this.#within(x, POWER));
		return { text: this.#language.product(texts), tightness: PRODUCT };
	}

	/** Numerator and denominator. */
	#overAndUnder(args: readonly Tree[]): { over: Tree[]; under: Tree[] } {
		const over: Tree[] = [];
		const under: Tree[] = [];
		for (const x of args) {
			if (x.kind === 'number') {
				// A typed number stays unchanged.
				const [p, q] = x.constant === undefined ? [x.value, 1] : asFraction(x.value);
				if (p !== 1) over.push(numberTree(p));
				if (q !== 1) under.push(numberTree(q));
			} else if (x.kind === 'power' && isDivisor(x) && !this.#names.has(x)) {
				under.push(reciprocal(x));
			} else over.push(x);
		}
		return { over, under };
	}
}

/** x⁻ⁿ with a written number n. */
function isDivisor(x: PowerForm<Tree>): boolean {
	return x.args[1].kind === 'number' && x.args[1].value < 0;
}

function reciprocal({ args: [base, exponent] }: PowerForm<Tree>): Tree {
	const n = exponent.kind === 'number' ? -exponent.value : 1;
	return n === 1 ? base : { kind: 'power', args: [base, numberTree(n)] };
}

/** −x as x; null if x has no minus in front. */
function withoutMinus(x: Tree): Tree | null {
	if (x.kind === 'number') return x.value < 0 ? numberTree(-x.value) : null;
	if (x.kind !== 'product') return null;
	const [first, ...others] = x.args;
	if (first?.kind !== 'number' || !(first.value < 0)) return null;
	const [only] = others;
	if (first.value === -1 && others.length === 1 && only) return only;
	return { kind: 'product', args: [...(first.value === -1 ? [] : [numberTree(-first.value)]), ...others] };
}

/** Largest denominator that `asFraction` tries. */
const LARGEST_DENOMINATOR = 64;

/** 0.5 as 1/2 and 0.333… as 1/3, but 0.1 unchanged. */
function asFraction(value: number): [number, number] {
	if (Number.isInteger(value)) return [value, 1];
	const hasManyDigits = String(value).length > 6;
	for (let q = 2; q <= LARGEST_DENOMINATOR; q++) {
		const p = Math.round(value * q);
		if (p > 0 && p / q === value && (hasManyDigits || (p === 1 && q <= 4))) return [p, q];
	}
	return [value, 1];
}
