/**
 * Register tiles: the inner loops of every matmul of ours, as text.
 *
 * A thread owns `rows` rows by `quads` quads (four columns each) of the result and keeps them in registers,
 * without barriers. There are two forms, which differ in the memory order of the second operand:
 *
 *   NT  c[m, n] += Σ_k a[m, k] · b[n, k]      both operands run along k: forward through W [N, K]
 *   NN  c[m, n] += Σ_k a[m, k] · b[k, n]      b runs along the columns: backward through the same W
 *
 * Four neighbouring threads may share an operand (see handed() in wgsl.ts): the rows of a, for tiles that are
 * side by side, or b, for tiles that are one below the other. With shared rows each thread meets the four
 * rows in a different order: {@link rowOf}.
 *
 * All offsets are in quads, and sizes are WGSL expressions: uniforms if several shapes share a program (each
 * pipeline costs SwiftShader a tenth of a second), constants if there is one shape. Rows past the end are
 * read (WebGPU keeps reads inside the buffer, and the values only reach results of the same row) and never
 * written.
 */
import {} from '../../gpu/weightReads.ts';
import { handed, unroll } from '../../gpu/wgsl.ts';

export interface Tile {
	/** A multiple of 4 if rows are shared. */
	readonly rows: number;
	readonly quads: number;
	/** Operand that four neighbouring threads share and read together; null if each thread reads for itself. */
	readonly shared: 'rows' | 'columns' | null;
	/** The thread sums every slices-th quad of k from its `slice` on (see slices.ts); all of k if absent. */
	readonly slices?: number;
}

/** `name[base + row·stride + k]` */
export interface TileOperand {
	readonly name: string;
	/** WGSL of a u32: offset of row 0 of the tile. */
	readonly base: string;
	/** WGSL of a u32: quads from one row to the next. */
	readonly stride: string;
	/** The four threads may differ in `base`: each reads the operand itself, although the tile shares it. */
	readonly alone?: boolean;
	/** WGSL of the quad at an offset, if the binding is no array of vec4f: see weightQuad(). */
	readonly quad?: (at: string) => string;
}

const LANES = ['x', 'y', 'z', 'w'] as const;

/** WGSL of the tile's row that a thread keeps at index i. */
export function rowOf({ shared }: Tile, i: number): string {
	return shared === 'rows' ? `${i & ~3}u + (lane ^ ${i & 3}u)` : `${i}u`;
}

/**
 * Offsets of `count` rows, computed before the loop; with `inTurn` only of the thread's own row in each four.
 */
function rowStarts({ name, base, stride }: TileOperand, count: number, inTurn: boolean): string {
	if (!inTurn) return unroll(count, (i) => `let ${name}At${i} = ${base} + ${i}u * ${stride};`);
	return unroll(count / 4, (i) => `let ${name}At${4 * i} = ${base} + (${4 * i}u + lane) * ${stride};`);
}

/** Offsets of the rows of a tile, in the thread's order. */
function tileRowStarts(tile: Tile, a: TileOperand): string {
	if (a.alone !== true) return rowStarts(a, tile.rows, tile.shared === 'rows');
	return unroll(tile.rows, (i) => `let ${a.name}At${i} = ${a.base} + (${rowOf(tile, i)}) * ${a.stride};`);
}

/**
 * The quads of `count` rows at `offset`, as `prefix0…`; with `inTurn` each of the four threads reads one row
 * in four and they exchange them.
 */
function quadsAt(
	{ name, quad = (at) => `${name}[${at}]` }: TileOperand,
	prefix: string,
	count: number,
	offset: string,
	inTurn: boolean,
): string[] {
	return Array.from({ length: count }, (_, i) => {
		const own = `let ${prefix}${i} = ${quad(`${name}At${i} + ${offset}`)};`;
		if (!inTurn || i % 4 === 0) return own;
		return `let ${prefix}${i} = ${handed(i % 4, `${prefix}${i & ~3}`)};`;
	});
}

/** The names of a tile's results. */
export function tileValues({ rows, quads }: Tile): string[] {
	return Array.from({ length: rows * quads }, (_, n) => `c${Math.floor(n / quads)}_${n % quads}`);
}

/** `var c0_0 = vec4f(); …` */
export function tileStart(tile: Tile): string {
	return tileValues(tile)
		.map((name) => `var ${name} = vec4f();`)
		.join(' ');
}

function overDepth({ slices }: Tile, depth: string): string {
	if (slices === undefined) return `for (var k = 0u; k < ${depth}; k++)`;
	return `for (var k = slice; k < ${depth}; k += ${slices}u)`;
}

/**
 * One quad of results: a chain of four products per column, column by column, which keeps few intermediate
 * values alive for SwiftShader.
 *
 * `a` is deliberately the second factor: SwiftShader's compiler writes a first factor that is on the stack
 * back to it, and since the next column needs `a` again, the columns would wait for each other.
 */
function chains(c: string, a: string, factor: (lane: number, q: number) => string): string {
	const column = (lane: number): string =>
		LANES.reduce(
			(sum, axis, q) => `fma(${factor(lane, q)}, ${a}.${axis}, ${sum})`,
			`${c}.${LANES[lane] ?? 'x'}`,
		);
	return `${c} = vec4f(${unroll(4, column, ', ')});`;
}

/**
 * The loop over `depth` (WGSL of a u32) quads of k, form NT. With shared columns the columns of a quad come
 * in the thread's own order.
 */
export function tileNT(tile: Tile, a: TileOperand, b: TileOperand, depth: string): string {
	const { rows, quads, shared } = tile;
	const aQuads = quadsAt(a, 'a', rows, 'k', shared === 'rows' && a.alone !== true);
	const bQuads = quadsAt(b, 'b', 4 * quads, 'k', shared === 'columns');
	const line = (quad: string, i: number): string => {
		const sums = (j: number): string =>
			chains(`c${i}_${j}`, `a${i}`, (lane, q) => `b${4 * j + lane}.${LANES[q] ?? 'x'}`);
		return `${quad} ${unroll(quads, sums, ' ')}`;
	};
	return /* wgsl */ `{
	${tileRowStarts(tile, a)}
	${rowStarts(b, 4 * quads, shared === 'columns')}
	${overDepth(tile, depth)} {
		${bQuads.join('\n')}
		${aQuads.map(line).join('\n')}
	}
}`;
}

/**
 * The loop over `depth` quads of k, form NN: row q of b's starts is row 4·k + q of b. With shared columns the
 * four rows of b come in the thread's own order, and its quads of a are sorted to match.
 */
export function tileNN(tile: Tile, a: TileOperand, b: TileOperand, depth: string): string {
	const { rows, quads, shared } = tile;
	const columns = shared === 'columns';
	const aQuads = quadsAt(a, 'a', rows, 'k', shared === 'rows' && a.alone !== true);
	const bQuads = Array.from({ length: quads }, (_, j) =>
		quadsAt(b, `b${j}_`, 4, `step + ${j}u`, columns).join(' '),
	);
	const line = (quad: string, i: number): string => {
		const own = columns ? `a${i}o` : `a${i}`;
		const sums = (j: number): string =>
			chains(`c${i}_${j}`, own, (lane, q) => `b${j}_${q}.${LANES[lane] ?? 'x'}`);
		return `${quad} ${columns ? `let ${own} = inOrder(a${i}, lane);` : ''} ${unroll(quads, sums, ' ')}`;
	};
	return /* wgsl */ `{
	${tileRowStarts(tile, a)}
	${rowStarts(b, 4, columns)}
	${overDepth(tile, depth)} {
		let step = 4u * k * ${b.stride};
		${bQuads.join('\n')}
		${aQuads.map(line).join('\n')}
	}
}`;
}

/** Rows whose results are used in one iteration of a loop; see {@link eachRow}. */
const ROWS_AT_ONCE = 4;

/**
 * WGSL of `use(i)` for every row of a tile; `past` + {@link rowOf}(i) is the row and c<i>_<j> are its
 * results.
 *
 * With shared rows a loop uses four rows at a time, and the results of the later rows move up. Code that
 * reads or stores a result is long, and SwiftShader's compiler spends time on each copy, so an unrolled loop
 * would compile slowly. `states` are variables c<i> of rows that rotate with them, so at the end each is back
 * in its place.
 */
export function eachRow(tile: Tile, use: (i: number) => string, states: readonly string[] = []): string {
	const { rows, quads, shared } = tile;
	if (shared !== 'rows') return `{ let past = 0u; ${unroll(rows, use)} }`;
	const step = ROWS_AT_ONCE;
	const moveUp = (i: number): string => unroll(quads, (j) => `c${i}_${j} = c${i + step}_${j};`, ' ');
	const moveRound = (state: string): string => /* wgsl */ `
		${unroll(step, (i) => `let ${state}First${i} = ${state}${i};`, ' ')}
		${unroll(rows - step, (i) => `${state}${i} = ${state}${i + step};`, ' ')}
		${unroll(step, (i) => `${state}${rows - step + i} = ${state}First${i};`, ' ')}`;
	return /* wgsl */ `
	for (var past = 0u; past < ${rows}u; past += ${step}u) {
		${unroll(step, use)}
		${unroll(rows - step, moveUp)}
		${states.map(moveRound).join('\n')}
	}`;
}

/**
 * Writes the tile: `store(row, column, value)` for every row below u.rows and column quad below `columns`
 * (WGSL of a u32).
 *
 * @param ordered true if the columns of a quad came in the thread's own order (form NT with shared columns)
 */
export function tileEnd(
	tile: Tile,
	columns: string,
	store: (row: string, column: string, value: string) => string,
	ordered = false,
): string {
	const { quads } = tile;
	const value = (c: string): string => (ordered ? `inOrder(${c}, lane)` : c);
	const column = (i: number, j: number): string =>
		`if (n0 + ${j}u < ${columns}) { ${store('row', `(n0 + ${j}u)`, value(`c${i}_${j}`))} }`;
	const line = (i: number): string => /* wgsl */ `{
		let row = m0 + past + ${rowOf(tile, i)};
		if (row < u.rows) { ${unroll(quads, (j) => column(i, j), ' ')} }
	}`;
	return eachRow(tile, line);
}
