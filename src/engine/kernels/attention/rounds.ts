/**
 * WGSL shared by attention's programs with lanes: the rows that a thread owns, the loop over the rows of the
 * other side in rounds, and the reads and additions of a round.
 *
 * Names: variables of own row r end in r<r>, variables of one way of a round in _<way>; c counts the quads of
 * a head.
 */
import { handed, LANE, unroll } from '../../gpu/wgsl.ts';

export const WORKGROUP = 64;

/** Sizes in quads, known when the text is built. */
export interface Sizes {
	/** D / 4 */
	D: number;
	H: number;
	kvHeads: number;
	/** Width of a row of qkv. */
	W: number;
}

const AXES = ['x', 'y', 'z', 'w'] as const;
export const each = (D: number, line: (c: number) => string): string => unroll(D, line, ' ');
/** Keys (or rows) of one round of the loop. */
export const WAYS = [0, 1, 2, 3] as const;
/** Rows (or keys) that a thread owns; variables of row r have names that end in r<r>. */
export const OWN_ROWS = [0, 1] as const;
export const forOwn = (text: (r: string) => string): string => OWN_ROWS.map((r) => text(`r${r}`)).join('\n');

/**
 * Declares `<prefix><c>_<way>`, c < D: the quads at `at` of the row `mine` and, by exchange, of its
 * neighbours' rows.
 */
export function readRound({ D }: Sizes, prefix: string, at: (c: number) => string): string {
	const one = (c: number, t: number): string =>
		`let ${prefix}${c}_${t} = ${t === 0 ? at(c) : handed(t, `${prefix}${c}_0`)};`;
	return each(D, (c) => WAYS.map((t) => one(c, t)).join(' '));
}

/** Σ_c a_c·b_c over the quads of one way. */
export const dots = (D: number, a: string, b: string, r: string, way: number): string =>
	unroll(D, (c) => `dot(${b}${c}_${way}, ${a}${c}${r})`, ' + ');

/**
 * `<sum><c> += Σ_way weight·value<c>`, channel by channel; `start` maps a channel of the sum to the value
 * that the additions start from.
 */
export function addWeighted(
	{ D }: Sizes,
	r: string,
	[sum, weight, value]: readonly [sum: string, weight: string, value: string],
	start = (channel: string) => channel,
): string {
	const channel = (c: number, axis: string): string =>
		WAYS.reduce(
			(total, t) => `fma(${value}${c}_${t}.${axis}, ${weight}${t}${r}, ${total})`,
			start(`${sum}${c}${r}.${axis}`),
		);
	return each(D, (c) => `${sum}${c}${r} = vec4f(${AXES.map((axis) => channel(c, axis)).join(', ')});`);
}

/**
 * Loops over the keys (or rows) from start<r> to stop<r>, the range of own row r. `body` reads its row of the
 * other side from `mine`, and `valid<way><r>` is true if the way's key counts for the own row.
 *
 * The four threads walk the union of their ranges in step, four keys a round; an own row past the last has an
 * empty range.
 */
export function walk(body: string): string {
	const from = (r: string): string => `select(start${r}, 0xffffffffu, start${r} >= stop${r})`;
	const to = (r: string): string => `select(stop${r}, 0u, start${r} >= stop${r})`;
	const way = (t: number): string => {
		const valid = (r: string): string => `let valid${t}${r} = key${t} >= start${r} && key${t} < stop${r};`;
		return `let key${t} = j + (lane ^ ${t}u); ${forOwn(valid)}`;
	};
	return /* wgsl */ `{
		let first = subgroupMin(min(${from('r0')}, ${from('r1')}));
		let last = subgroupMax(max(${to('r0')}, ${to('r1')}));
		for (var j = first; j < last; j += 4u) {
			let mine = min(j + lane, u.rows - 1u);
			${unroll(4, way)}
			${body}
		}
	}`;
}

/**
 * Runs one copy of the body over the two ranges of keys that an own row sees, in turn, because the body's
 * text is long.
 */
export function walkKeys(body: string): string {
	const range = (r: string): string => /* wgsl */ `
		let start${r} = select(seen${r}.z, seen${r}.x, part == 0u);
		let stop${r} = select(select(0u, i${r} + 1u, inside${r}), seen${r}.y, part == 0u);`;
	return /* wgsl */ `
	${forOwn((r) => `let seen${r} = vec4u(visible[i${r}]);`)}
	for (var part = 0u; part < 2u; part++) {
		${forOwn(range)}
		${walk(body)}
	}`;
}

/** Start of main: declares `i<r>`, the thread's own rows, and `inside<r>`, true if such a row exists. */
export function mainStart(): string {
	const first = '(id.x & ~3u) * 2u + lane';
	const own = (r: number): string => /* wgsl */ `
	let insider${r} = ${first} + ${4 * r}u < u.rows;
	let ir${r} = min(${first} + ${4 * r}u, u.rows - 1u);`;
	return /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${LANE}) {
	${OWN_ROWS.map(own).join('')}`;
}
