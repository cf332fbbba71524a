/**
 * Sums of outer products over the rows of two matrices, as text: grads[to + p·row + q] += Σ_m left[m, p] ·
 * right[m, q].
 *
 * A thread owns 4 · pQuads rows by qQuads quads of the result. There are two forms. With lanes (SwiftShader)
 * it walks all rows m; four neighbours each read one row of the side that they share and exchange it. On a
 * GPU the threads of a workgroup split the rows into slices (see slices.ts) and read four rows of their slice
 * per turn, so that the reads overlap.
 */
import { sumOverSlices, type Slices } from '../../gpu/slices.ts';
import { handed, unroll } from '../../gpu/wgsl.ts';

export const OUTER_SLICES: Slices = { slices: 64, across: 4 };

export interface OuterSide {
	/** Name of the binding. */
	readonly name: string;
	/**
	 * WGSL of u32: offset of the thread's quads of row 0 (`at`), and quads from one row to the next (`stride`).
	 */
	readonly at: string;
	readonly stride: string;
	/** Quads that a thread owns. */
	readonly quads: number;
}

export interface OuterSum {
	readonly left: OuterSide;
	readonly right: OuterSide;
	/** WGSL: quads from one row of the result to the next. */
	readonly row: string;
	/** Side that four neighbouring threads share and read by lanes; null if the rows are split into slices. */
	readonly shared: 'left' | 'right' | null;
}

const AXES = ['x', 'y', 'z', 'w'] as const;
const TURNS = [0, 1, 2, 3] as const;
const SIDES = ['left', 'right'] as const;

/** Quads of the result that a thread owns. */
export const outerValues = ({ left, right }: Pick<OuterSum, 'left' | 'right'>): number =>
	4 * left.quads * right.quads;

/**
 * Reads the quads of one side in turn t. Rows past the end must count as zeros on one side: the shared side,
 * or the left.
 */
function readSide(sum: OuterSum, side: 'left' | 'right', t: number): string {
	const { name, at, stride, quads } = sum[side];
	const shares = sum.shared === side;
	const value = (j: number): string => {
		const read = `${name}[${shares ? 'mine' : `m${t}`} * ${stride} + ${at} + ${j}u]`;
		if (shares) return t > 0 ? handed(t, `${side}${j}_0`) : `select(vec4f(), ${read}, m + lane < u.rows)`;
		if (sum.shared !== null || side === 'right') return read;
		return `select(vec4f(), ${read}, m + ${t * OUTER_SLICES.slices}u < u.rows)`;
	};
	return unroll(quads, (j) => `let ${side}${j}_${t} = ${value(j)};`, ' ');
}

/** Adds the products of all rows to `grads` at `to`, for the threads that are `inside`. */
export function outerSum(sum: OuterSum): string {
	const { left, right, row, shared } = sum;
	const step = OUTER_SLICES.slices;
	const each = (line: (p: number, q: number) => string): string =>
		unroll(4 * left.quads, (p) => unroll(right.quads, (q) => line(p, q), ' '));
	const turn = (t: number): string => {
		const m = shared === null ? `m + ${t * step}u` : `m + (lane ^ ${t}u)`;
		return [`let m${t} = min(${m}, u.rows - 1u);`, ...SIDES.map((side) => readSide(sum, side, t))].join(' ');
	};
	const added = (p: number, q: number): string =>
		TURNS.reduce(
			(total, t) => `fma(vec4f(left${p >> 2}_${t}.${AXES[p & 3] ?? 'x'}), right${q}_${t}, ${total})`,
			`s${p}_${q}`,
		);
	const names = Array.from(
		{ length: outerValues(sum) },
		(_, n) => `s${Math.floor(n / right.quads)}_${n % right.quads}`,
	);
	const loop =
		shared === null
			? `for (var m = slice; m < u.rows; m += ${4 * step}u) {`
			: 'for (var m = 0u; m < u.rows; m += 4u) { let mine = min(m + lane, u.rows - 1u);';
	return /* wgsl */ `
	${each((p, q) => `var s${p}_${q} = vec4f();`)}
	${loop}
		${TURNS.map(turn).join('\n')}
		${each((p, q) => `s${p}_${q} = ${added(p, q)};`)}
	}
	${shared === null ? sumOverSlices(OUTER_SLICES, names) : ''}
	if (inside${shared === null ? ' && slice == 0u' : ''}) {
		${each((p, q) => `grads[to + ${p}u * ${row} + ${q}u] += s${p}_${q};`)}
	}`;
}
