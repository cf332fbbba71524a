/**
 * Workgroup-memory tiles: the inner loops of a matmul as a GPU wants it, as text.
 *
 * A workgroup of 2·E threads owns a tile of E × E results and walks k in slabs of 16. Each thread fetches one block of 4 × 4 numbers
 * of a slab (half of the threads from a, half from b), so every number is read from storage once a workgroup; a thread keeps E/2
 * results in registers, in rows × quads:
 *
 *   E     threads   results a thread   workgroup memory   storage reads a multiply-add
 *   32    64        4 × 1 quads        4 KB               1/16 floats
 *   64    128       8 × 1 quads        8 KB               1/32
 *   128   256       8 × 2 quads        16 KB              1/64
 *
 * In workgroup memory both operands lie [k][quad of rows or columns], so the inner loop reads whole vectors: a thread's rows of a are
 * the same for all threads side by side (one address, broadcast), its columns of b are neighbours of the next thread's. An operand
 * that runs along k in storage is turned by its 4 × 4 block in registers; the blocks of one row of k would then fall on the same
 * banks, so a quad is kept at its place XOR 2·(k/4), which spreads eight neighbouring threads over eight different banks of 16 bytes.
 *
 * The next slab is fetched before the present one is multiplied, so the wait for storage and the arithmetic overlap. All loops and
 * barriers depend on uniforms and the workgroup's number only. Rows past the end are read (WebGPU keeps reads inside the buffer) and
 * never written; k past the end counts as zero in both operands.
 */
import { unroll } from '../../wgsl.ts';

/** Rows and columns of a workgroup's tile. */
export type Edge = 32 | 64 | 128;

/** What follows from the edge: threads in all and side by side, rows and column quads a thread. */
export interface SharedTile {
	readonly edge: Edge;
	readonly threads: number;
	readonly across: number;
	readonly rows: number;
	readonly quads: number;
}

export function sharedTile(edge: Edge): SharedTile {
	const quads = edge === 128 ? 2 : 1;
	const rows = edge === 32 ? 4 : 8;
	return { edge, threads: 2 * edge, across: edge / 4 / quads, rows, quads };
}

/** One operand of one part of the sum. All in quads, WGSL expressions of u32. */
export interface SharedOperand {
	/** The quad at an offset: `x[<offset>]`. */
	readonly quad: (offset: string) => string;
	readonly base: string;
	readonly stride: string;
	/**
	 * along k: row r of the tile starts at base + r·stride and its quads run along k. across: row k of the operand starts at
	 * base + k·stride and its quads run along the tile's columns, the tile's first being at base.
	 */
	readonly along: 'k' | 'columns';
	/** WGSL of a bool over `place` (quad of the tile's rows or columns): false reads as zero. */
	readonly inside?: string;
}

/** A product to add to the tile: Σ over `depth` quads of k. */
export interface SharedProduct {
	readonly a: SharedOperand;
	readonly b: SharedOperand;
	readonly depth: string;
	/**
	 * A product in several parts of the same depth, one after the other: how many there are (WGSL of a u32, the same for the whole
	 * workgroup), and WGSL that declares what the operands name for the part `index`.
	 */
	readonly parts?: { readonly count: string; readonly prepare: string };
}

const LANES = ['x', 'y', 'z', 'w'] as const;
/** Quads of k in a slab. */
const SLAB = 4;

/** Module-scope declarations. */
export function sharedMemory({ edge }: SharedTile): string {
	const size = SLAB * edge;
	return /* wgsl */ `
var<workgroup> tileA : array<vec4f, ${size}>;
var<workgroup> tileB : array<vec4f, ${size}>;`;
}

/**
 * `fn main`: m0 is the thread's first row, n0 its first column quad (its j-th is n0 + j·across), mTile and nTile the workgroup's.
 *
 * No thread returns before the last barrier.
 */
export function sharedMain(tile: SharedTile, body: string): string {
	const { edge, threads, across, rows } = tile;
	return /* wgsl */ `
${sharedMemory(tile)}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_index) thread : u32) {
	let mTile = group.y * ${edge}u;
	let nTile = group.x * ${edge / 4}u;
	let mThread = (thread / ${across}u) * ${rows}u;
	let nThread = thread % ${across}u;
	let m0 = mTile + mThread;
	let n0 = nTile + nThread;
	// Which operand's block this thread fetches, and which of its edge / 4 by 4 blocks.
	let fetchesB = thread >= ${edge}u;
	let part = thread % ${edge}u;
	${body}
}`;
}

/** `var c0_0 = vec4f(); …` */
export function sharedStart({ rows, quads }: SharedTile): string {
	return unroll(rows, (i) => unroll(quads, (j) => `var c${i}_${j} = vec4f();`, ' '));
}

/** Fetches this thread's block of slab `step` into p0…p3, as they will lie in workgroup memory: p_i is row 4·kq + i. */
function fetch({ quad, base, stride, along, inside }: SharedOperand, edge: Edge, depth: string): string {
	const turned = along === 'k';
	const most = turned ? SLAB : edge / 4;
	const [place, row] = turned
		? [`part / ${most}u`, `part % ${most}u`]
		: [`part % ${most}u`, `part / ${most}u`];
	const read = (i: number): string =>
		quad(
			turned
				? `${base} + (4u * place + ${i}u) * ${stride} + k`
				: `${base} + (4u * k + ${i}u) * ${stride} + place`,
		);
	const column = (i: number): string => unroll(4, (j) => `q${j}.${LANES[i] ?? 'x'}`, ', ');
	return /* wgsl */ `
				place = ${place};
				kq = ${row};
				let k = step * ${SLAB}u + kq;
				if (k < ${depth}${inside === undefined ? '' : ` && ${inside}`}) {
					${unroll(4, (i) => `let q${i} = ${read(i)};`, ' ')}
					${unroll(4, (i) => `p${i} = ${turned ? `vec4f(${column(i)})` : `q${i}`};`, ' ')}
				}`;
}

/** One slab's multiply-adds; the loop has a fixed length, so a compiler may unroll it. */
function multiply({ edge, rows, quads, across }: SharedTile): string {
	const row = (r: number): string => {
		const a = `a${r >> 2}.${LANES[r & 3] ?? 'x'}`;
		return unroll(quads, (j) => `c${r}_${j} = fma(vec4f(${a}), b${j}, c${r}_${j});`, ' ');
	};
	return /* wgsl */ `
			for (var line = 0u; line < ${4 * SLAB}u; line++) {
				let start = line * ${edge / 4}u;
				let turn = 2u * (line / 4u);
				${unroll(rows / 4, (j) => `let a${j} = tileA[start + ((mThread / 4u + ${j}u) ^ turn)];`, ' ')}
				${unroll(quads, (j) => `let b${j} = tileB[start + ((nThread + ${j * across}u) ^ turn)];`, ' ')}
				${unroll(rows, row)}
			}`;
}

/** Adds all products to c, in their order: one loop over the slabs of all, so that the arithmetic stands in the text once. */
export function sharedSum(tile: SharedTile, products: readonly SharedProduct[]): string {
	const { edge } = tile;
	const keep = (name: string): string =>
		unroll(4, (i) => `${name}[(4u * kq + ${i}u) * ${edge / 4}u + (place ^ (2u * kq))] = p${i};`, ' ');
	const ends = products.map(({ depth, parts }, n) => {
		const slabs = `(${depth} + ${SLAB - 1}u) / ${SLAB}u${parts === undefined ? '' : ` * (${parts.count})`}`;
		return `let end${n} = ${n === 0 ? '' : `end${n - 1} + `}${slabs};`;
	});
	const source = ({ a, b, depth, parts }: SharedProduct, n: number): string => {
		const own = n === 0 ? 'slab' : `(slab - end${n - 1})`;
		const each = `((${depth} + ${SLAB - 1}u) / ${SLAB}u)`;
		const place =
			parts === undefined
				? `let step = ${own};`
				: `let step = ${own} % ${each}; let index = ${own} / ${each}; ${parts.prepare}`;
		return /* wgsl */ `if (slab < end${n}) {
			${place}
			if (fetchesB) {${fetch(b, edge, depth)}
			} else {${fetch(a, edge, depth)}
			}
		}`;
	};
	const last = `end${products.length - 1}`;
	return /* wgsl */ `
	${ends.join(' ')}
	for (var slab = 0u; slab <= ${last}; slab++) {
		var p0 = vec4f(); var p1 = vec4f(); var p2 = vec4f(); var p3 = vec4f();
		var kq = 0u;
		var place = 0u;
		${products.map(source).join(' else ')}
		if (slab > 0u) {${multiply(tile)}
		}
		workgroupBarrier();
		if (slab < ${last}) {
			if (fetchesB) { ${keep('tileB')} } else { ${keep('tileA')} }
		}
		workgroupBarrier();
	}`;
}

/** Writes the tile: `store(row, column, value)` for rows below u.rows and column quads below `columns` (WGSL of a u32). */
export function sharedEnd(
	{ rows, quads, across }: SharedTile,
	columns: string,
	store: (row: string, column: string, value: string) => string,
): string {
	const one = (j: number): string => {
		const lines = unroll(rows, (i) => `if (m < u.rows) { ${store('m', 'n', `c${i}_${j}`)} } m += 1u;`);
		return `{ let n = n0 + ${j * across}u; var m = m0; if (n < ${columns}) {\n${lines}\n} }`;
	};
	return unroll(quads, one);
}
