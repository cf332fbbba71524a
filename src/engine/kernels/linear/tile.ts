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
 * All offsets are in quads, and sizes are WGSL expressions: uniforms where several shapes share a program (each pipeline costs
 * SwiftShader a tenth of a second), constants where there is one shape. Rows past the end are read (WebGPU keeps reads inside the buffer, and what they return only reaches
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
	/** WGSL of a u32: where row 0 of the tile starts. */
	readonly base: string;
	/** WGSL of a u32: quads from one row to the next. */
	readonly stride: string;
	/** The binding is array<f32> and the four lanes share what they read. */
	readonly lanes?: boolean;
}

const LANES = ['x', 'y', 'z', 'w'] as const;

/** Names of the offsets of `rows` rows, computed before the loop. */
function rowStarts({ name, base, stride, lanes }: TileOperand, rows: number): string {
	return unroll(rows, (i) => {
		const start = `${base} + ${i}u * ${stride}`;
		return `let ${name}At${i} = ${lanes === true ? `4u * (${start}) + lane` : start};`;
	});
}

/** The quad at a row's start plus `offset` quads. */
function quadOf({ name, lanes }: TileOperand, row: number, offset: string): string {
	return lanes === true
		? `handRound(${name}[${name}At${row} + 4u * (${offset})])`
		: `${name}[${name}At${row} + ${offset}]`;
}

/** `var c0_0 = vec4f(); …` */
export function tileStart({ rows, quads }: Tile): string {
	return unroll(rows, (i) => unroll(quads, (j) => `var c${i}_${j} = vec4f();`, ' '));
}

/** The loop over `depth` (WGSL of a u32) quads of k, form NT. */
export function tileNT(tile: Tile, a: TileOperand, b: TileOperand, depth: string): string {
	const { rows, quads } = tile;
	const line = (i: number): string => {
		const dots = (j: number): string => unroll(4, (lane) => `dot(a${i}, b${4 * j + lane})`, ', ');
		const add = unroll(quads, (j) => `c${i}_${j} += vec4f(${dots(j)});`, ' ');
		return `let a${i} = ${quadOf(a, i, 'k')}; ${add}`;
	};
	return /* wgsl */ `{
	${rowStarts(a, rows)}
	${rowStarts(b, 4 * quads)}
	for (var k = 0u; k < ${depth}; k++) {
		${unroll(4 * quads, (j) => `let b${j} = ${quadOf(b, j, 'k')};`)}
		${unroll(rows, line)}
	}
}`;
}

/** The loop over `depth` quads of k, form NN: row q of b's starts is row 4·k + q of b. */
export function tileNN(tile: Tile, a: TileOperand, b: TileOperand, depth: string): string {
	const { rows, quads } = tile;
	const load = (q: number): string =>
		unroll(quads, (j) => `let b${q}_${j} = ${quadOf(b, q, `step + ${j}u`)};`, ' ');
	const line = (i: number): string => {
		const chain = (j: number): string =>
			LANES.reduce((sum, lane, q) => `fma(vec4f(a${i}.${lane}), b${q}_${j}, ${sum})`, `c${i}_${j}`);
		return `let a${i} = ${quadOf(a, i, 'k')}; ${unroll(quads, (j) => `c${i}_${j} = ${chain(j)};`, ' ')}`;
	};
	return /* wgsl */ `{
	${rowStarts(a, rows)}
	${rowStarts(b, 4)}
	for (var k = 0u; k < ${depth}; k++) {
		let step = 4u * k * ${b.stride};
		${unroll(4, load)}
		${unroll(rows, line)}
	}
}`;
}

/**
 * Writes the tile: `store(i, j, value)` for every row below u.rows and column quad below `columns` (WGSL of a u32).
 */
export function tileEnd(
	{ rows, quads }: Tile,
	columns: string,
	store: (i: number, j: number, value: string) => string,
): string {
	const column = (j: number): string => {
		const lines = unroll(rows, (i) => `if (m0 + ${i}u < u.rows) { ${store(i, j, `c${i}_${j}`)} }`);
		return `if (n0 + ${j}u < ${columns}) {\n${lines}\n}`;
	};
	return unroll(quads, column);
}
