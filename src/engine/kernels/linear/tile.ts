/**
 * Register tiles: the inner loops of every matmul of ours, as text.
 *
 * A thread owns `rows` rows by `quads` quads (four columns each) of the result and keeps them in registers; nothing is shared, so
 * there is no barrier. Two forms, by how the second operand lies in memory:
 *
 *   NT  c[m, n] += Σ_k a[m, k] · b[n, k]      both operands run along k: forward through W [N, K]
 *   NN  c[m, n] += Σ_k a[m, k] · b[k, n]      b runs along the columns: backward through the same W
 *
 * An operand that neighbouring threads share may be read by lanes (see handRound in wgsl.ts): a for tiles that lie side by side,
 * b for tiles that lie one below the other.
 *
 * All offsets are in quads. Rows past the end are read (WebGPU keeps reads inside the buffer, and what they return only reaches
 * results of the same row) and never written.
 */
import { unroll } from '../../wgsl.ts';

export interface Tile {
	readonly rows: number;
	readonly quads: number;
}

/** `name[base + row·stride + k]` */
export interface TileOperand {
	readonly name: string;
	/** Name of a u32 already computed: where row 0 of the tile starts. */
	readonly base: string;
	/** Quads from one row to the next. */
	readonly stride: number;
	/** The binding is array<f32> and the four lanes share what they read. */
	readonly lanes?: boolean;
}

function quadOf({ name, lanes }: TileOperand, index: string): string {
	return lanes === true ? `handRound(${name}[4u * (${index}) + lane])` : `${name}[${index}]`;
}

/** Threads side by side in the widest workgroup of tiles. */
const WIDEST = 8;
const LANES = ['x', 'y', 'z', 'w'] as const;

/** `var c0_0 = vec4f(); …` */
export function tileStart({ rows, quads }: Tile): string {
	return unroll(rows, (i) => unroll(quads, (j) => `var c${i}_${j} = vec4f();`, ' '));
}

/** The loop over `depth` quads of k, form NT. */
export function tileNT(tile: Tile, a: TileOperand, b: TileOperand, depth: number | string): string {
	const { rows, quads } = tile;
	const load = unroll(4 * quads, (j) => `let b${j} = ${quadOf(b, `${b.base} + ${j * b.stride}u + k`)};`, ' ');
	const line = (i: number): string => {
		const dots = (j: number): string => unroll(4, (lane) => `dot(a${i}, b${4 * j + lane})`, ', ');
		return [
			`let a${i} = ${quadOf(a, `${a.base} + ${i * a.stride}u + k`)};`,
			unroll(quads, (j) => `c${i}_${j} += vec4f(${dots(j)});`, ' '),
		].join(' ');
	};
	return `for (var k = 0u; k < ${typeof depth === 'number' ? `${depth}u` : depth}; k++) {\n${load}\n${unroll(rows, line)}\n}`;
}

/** The loop over `depth` quads of k, form NN. */
export function tileNN(tile: Tile, a: TileOperand, b: TileOperand, depth: number | string): string {
	const { rows, quads } = tile;
	const load = unroll(4, (lane) =>
		unroll(
			quads,
			(j) => `let b${lane}_${j} = ${quadOf(b, `${b.base} + (4u * k + ${lane}u) * ${b.stride}u + ${j}u`)};`,
			' ',
		),
	);
	const line = (i: number): string => {
		const chain = (j: number): string =>
			LANES.reduce((sum, lane, q) => `fma(vec4f(a${i}.${lane}), b${q}_${j}, ${sum})`, `c${i}_${j}`);
		return [
			`let a${i} = ${quadOf(a, `${a.base} + ${i * a.stride}u + k`)};`,
			unroll(quads, (j) => `c${i}_${j} = ${chain(j)};`, ' '),
		].join(' ');
	};
	return `for (var k = 0u; k < ${typeof depth === 'number' ? `${depth}u` : depth}; k++) {\n${load}\n${unroll(rows, line)}\n}`;
}

/**
 * Writes the tile: `store(i, j, value)` for every row below u.rows and column quad below `columns`.
 *
 * @param columns column quads of the result; the guard is left out where workgroups divide them
 */
export function tileEnd(
	{ rows, quads }: Tile,
	columns: number,
	store: (i: number, j: number, value: string) => string,
): string {
	return unroll(rows, (i) => {
		const row = unroll(
			quads,
			(j) => {
				const text = store(i, j, `c${i}_${j}`);
				return columns % (WIDEST * quads) === 0 ? text : `if (n0 + ${j}u < ${columns}u) { ${text} }`;
			},
			' ',
		);
		return `if (m0 + ${i}u < u.rows) { ${row} }`;
	});
}
