/**
 * Workgroup-memory tiles: the inner loops of a matmul for real GPUs, as text.
 *
 * A workgroup owns a tile of E × E results and walks k in slabs of 16. Each thread fetches blocks of 4 × 4
 * numbers of a slab, so a workgroup reads every number from storage once, and keeps its results in registers,
 * in rows × quads. If the tiles alone would give the device too few threads, two groups of threads own a tile
 * together and take the slabs in turn; the second group's results are added to the first's at the end:
 *
 *   E     threads    results a thread   workgroup memory   storage reads a multiply-add
 *   32    2 × 64     4 × 1 quads        8 KB               1/16 floats
 *   64    2 × 64     8 × 2 quads        16 KB              1/32
 *   128   256        8 × 2 quads        16 KB              1/64
 *
 * In workgroup memory both operands are stored as [k][quad of rows or columns], so the inner loop reads whole
 * vectors: a thread's rows of a are the same for all threads side by side (one address, broadcast), and its
 * columns of b are next to those of the next thread. An operand that runs along k in storage is transposed in
 * registers, 4 × 4 block by block. The blocks of one row of k would then fall on the same banks, so a quad is
 * stored at its index XOR 2·(k/4), which spreads eight neighbouring threads over eight different banks of 16
 * bytes.
 *
 * The next slab is fetched before the current one is multiplied, so storage latency and arithmetic overlap.
 * All loops and barriers depend only on uniforms and the workgroup's number. Rows past the end are read
 * (WebGPU keeps reads inside the buffer) and never written; k past the end counts as zero in both operands.
 *
 * In f16, both operands are rounded to f16 on their way into workgroup memory, which halves its size, and
 * four products at a time are summed in f16 before the f32 results take them: a sum is then off by at most
 * 9·2⁻¹¹ of Σ |a·b|. Such a tile has one group of threads.
 */
import { unroll } from '../../gpu/wgsl.ts';

/** Rows and columns of a workgroup's tile. */
export type Edge = 32 | 64 | 128;

/**
 * Sizes that follow from the edge: threads of a group in total and side by side, rows and column quads per
 * thread.
 */
export interface SharedTile {
	readonly edge: Edge;
	/**
	 * Groups of threads that share the slabs; each owns the whole tile, and their results are added at the end.
	 */
	readonly groups: number;
	/** Threads of a group. */
	readonly threads: number;
	readonly across: number;
	readonly rows: number;
	readonly quads: number;
	/** Operands and sums of four are f16: for devices with `shader-f16`. */
	readonly half: boolean;
}

const SHAPES: Readonly<Record<Edge, Pick<SharedTile, 'groups' | 'rows' | 'quads'>>> = {
	32: { groups: 2, rows: 4, quads: 1 },
	64: { groups: 2, rows: 8, quads: 2 },
	128: { groups: 1, rows: 8, quads: 2 },
};
/**
 * Shapes for products whose results are processed further inside the tile: the threads of one group own them.
 */
const LONE_SHAPES: typeof SHAPES = {
	32: { groups: 1, rows: 4, quads: 1 },
	64: { groups: 1, rows: 8, quads: 1 },
	128: { groups: 1, rows: 8, quads: 2 },
};

/** @param lone one group only */
export function sharedTile(edge: Edge, { lone = false, half = false } = {}): SharedTile {
	const shape = (lone || half ? LONE_SHAPES : SHAPES)[edge];
	const across = edge / 4 / shape.quads;
	return { edge, ...shape, threads: across * (edge / shape.rows), across, half };
}

/** Threads and bytes that a workgroup of such a tile needs. */
export function needsOf(tile: SharedTile): { threads: number; bytes: number } {
	return { threads: tile.groups * tile.threads, bytes: (tile.half ? 8 : 16) * memoryQuads(tile) };
}

/** WGSL of a quad's type in workgroup memory. */
const quadType = ({ half }: SharedTile): string => (half ? 'vec4h' : 'vec4f');

/** One operand of one part of the sum. All offsets are in quads, as WGSL expressions of u32. */
export interface SharedOperand {
	/** The quad at an offset: `x[<offset>]`. */
	readonly quad: (offset: string) => string;
	readonly base: string;
	readonly stride: string;
	/**
	 * `k`: row r of the tile starts at base + r·stride and its quads run along k. `columns`: row k of the
	 * operand starts at base + k·stride and its quads run along the tile's columns; base is the tile's first.
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
	 * A product in several parts of the same depth, in sequence: `count` is their number (WGSL of a u32, the
	 * same for the whole workgroup), and `prepare` is WGSL that declares the operands' variables for the part
	 * `index`.
	 */
	readonly parts?: { readonly count: string; readonly prepare: string };
}

const LANES = ['x', 'y', 'z', 'w'] as const;

/** Quads of k in a slab. */
const SLAB = 4;

/** Quads of workgroup memory of one group: a slab of a, then one of b. */
const slabQuads = ({ edge }: SharedTile): number => 2 * SLAB * edge;
const memoryQuads = (tile: SharedTile): number => tile.groups * slabQuads(tile);

/** WGSL of the number that a quad's index within line `line` (quad of k) of a slab is XORed with. */
const swizzle = (line: string): string => `(2u * ${line})`;

/**
 * `fn main`: m0 is the thread's first row, n0 its first column quad (its j-th is n0 + j·across), mTile and
 * nTile those of the workgroup.
 *
 * No thread returns before the last barrier.
 */
export function sharedMain(tile: SharedTile, body: string): string {
	const { edge, groups, threads, across, rows } = tile;
	return /* wgsl */ `
var<workgroup> tiles : array<${quadType(tile)}, ${memoryQuads(tile)}>;
@compute @workgroup_size(${groups * threads})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_index) invocation : u32) {
	let mTile = group.y * ${edge}u;
	let nTile = group.x * ${edge / 4}u;
	let thread = invocation % ${threads}u;
	let slabGroup = invocation / ${threads}u;
	let aTile = slabGroup * ${slabQuads(tile)}u;
	let bTile = aTile + ${SLAB * edge}u;
	let mThread = (thread / ${across}u) * ${rows}u;
	let nThread = thread % ${across}u;
	let m0 = mTile + mThread;
	let n0 = nTile + nThread;
	${body}
}`;
}

/** `var c0_0 = vec4f(); …` */
export function sharedStart({ rows, quads }: SharedTile): string {
	return unroll(rows, (i) => unroll(quads, (j) => `var c${i}_${j} = vec4f();`, ' '));
}

/**
 * True if each thread fetches a block of both operands; otherwise half of the threads fetch a, the other half
 * b.
 */
const fetchesBoth = ({ edge, threads }: SharedTile): boolean => 4 * threads === edge * SLAB;

/**
 * Declares the position of the thread's block of operand `name` in a slab: quad <name>Place of line
 * <name>Line, in memory at <name>Slot.
 */
function declarePlace(name: string, { along }: SharedOperand, tile: SharedTile): string {
	const { edge } = tile;
	const most = along === 'k' ? SLAB : edge / 4;
	const [quotient, rest] = [`part / ${most}u`, `part % ${most}u`];
	return /* wgsl */ `
	let ${name}Place = ${along === 'k' ? quotient : rest};
	let ${name}Line = ${along === 'k' ? rest : quotient};
	let ${name}Slot = ${name}Tile + 4u * ${name}Line * ${edge / 4}u + (${name}Place ^ ${swizzle(`${name}Line`)});`;
}

/**
 * Fetches the thread's block of operand `name` of slab `step` into <p>0…<p>3, in the order of workgroup
 * memory.
 */
function fetch(name: string, operand: SharedOperand, depth: string, p: string): string {
	const { quad, base, stride, along, inside } = operand;
	const turned = along === 'k';
	const read = (i: number): string =>
		quad(
			turned
				? `${base} + (4u * place + ${i}u) * ${stride} + k`
				: `${base} + (4u * k + ${i}u) * ${stride} + place`,
		);
	const column = (i: number): string => unroll(4, (j) => `q${j}.${LANES[i] ?? 'x'}`, ', ');
	return /* wgsl */ `{
				let place = ${name}Place;
				let k = step * ${SLAB}u + ${name}Line;
				if (k < ${depth}${inside === undefined ? '' : ` && ${inside}`}) {
					${unroll(4, (i) => `let q${i} = ${read(i)};`, ' ')}
					${unroll(4, (i) => `${p}${i} = ${turned ? `vec4f(${column(i)})` : `q${i}`};`, ' ')}
				}
			}`;
}

/** Multiply-adds of one slab, four lines of k at a time, so that a compiler can precompute their offsets. */
function multiply(tile: SharedTile): string {
	const { edge, rows, quads, across, half } = tile;
	const line = edge / 4;
	const type = quadType(tile);
	const row =
		(l: number) =>
		(r: number): string => {
			const a = `a${r >> 2}_${l}.${LANES[r & 3] ?? 'x'}`;
			// In f16, h holds the sum of four lines.
			const sum = half ? 'h' : 'c';
			const one = (j: number): string =>
				half && l === 0
					? `var h${r}_${j} = ${type}(${a}) * b${j}_${l};`
					: `${sum}${r}_${j} = fma(${type}(${a}), b${j}_${l}, ${sum}${r}_${j});`;
			return unroll(quads, one, ' ');
		};
	const joined = (r: number): string => unroll(quads, (j) => `c${r}_${j} += vec4f(h${r}_${j});`, ' ');
	const one = (l: number): string => /* wgsl */ `
				${unroll(rows / 4, (j) => `let a${j}_${l} = tiles[aAt${j} + ${l * line}u];`, ' ')}
				${unroll(quads, (j) => `let b${j}_${l} = tiles[bAt${j} + ${l * line}u];`, ' ')}
				${unroll(rows, row(l))}`;
	return /* wgsl */ `
			for (var four = 0u; four < ${SLAB}u; four++) {
				let start = four * ${4 * line}u;
				let turn = ${swizzle('four')};
				${unroll(rows / 4, (j) => `let aAt${j} = aTile + start + ((mThread / 4u + ${j}u) ^ turn);`, ' ')}
				${unroll(quads, (j) => `let bAt${j} = bTile + start + ((nThread + ${j * across}u) ^ turn);`, ' ')}
				${unroll(4, one)}
				${half ? unroll(rows, joined) : ''}
			}`;
}

/**
 * Adds the other groups' results to the first group's, one group at a time, through the memory that held the
 * slabs.
 */
function joinGroups(tile: SharedTile): string {
	const { groups, threads, rows, quads } = tile;
	if (groups === 1) return '';
	const names = Array.from({ length: rows * quads }, (_, n) => `c${Math.floor(n / quads)}_${n % quads}`);
	const atOnce = Math.min(names.length, Math.floor(memoryQuads(tile) / threads));
	const rounds = Array.from({ length: Math.ceil(names.length / atOnce) }, (_, r) =>
		names.slice(r * atOnce, (r + 1) * atOnce),
	);
	const round = (some: readonly string[]): string => /* wgsl */ `
		if (slabGroup == other) { ${some.map((name, i) => `tiles[${i * threads}u + thread] = ${name};`).join(' ')} }
		workgroupBarrier();
		if (slabGroup == 0u) { ${some.map((name, i) => `${name} += tiles[${i * threads}u + thread];`).join(' ')} }
		workgroupBarrier();`;
	return /* wgsl */ `
	for (var other = 1u; other < ${groups}u; other++) {${rounds.map(round).join('')}
	}`;
}

/**
 * Adds all products to c, in order. One loop runs over all slabs, so that the text contains the arithmetic
 * only once.
 */
export function sharedSum(tile: SharedTile, products: readonly [SharedProduct, ...SharedProduct[]]): string {
	const { edge, groups, threads, half } = tile;
	const both = fetchesBoth(tile);
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
		const fetched = both
			? `${fetch('a', a, depth, 'p')} ${fetch('b', b, depth, 'r')}`
			: `if (fetchesB) ${fetch('b', b, depth, 'p')} else ${fetch('a', a, depth, 'p')}`;
		return /* wgsl */ `if (slab < end${n}) {
			${place}
			${fetched}
		}`;
	};
	const keep = (p: string, at: string): string =>
		unroll(4, (i) => `tiles[${at} + ${(i * edge) / 4}u] = ${half ? `vec4h(${p}${i})` : `${p}${i}`};`, ' ');
	const fetched = both ? ['p', 'r'] : ['p'];
	const last = `end${products.length - 1}`;
	// The operands of all products have the same `along`.
	const [{ a, b }] = products;
	return /* wgsl */ `
	${both ? 'let part = thread;' : `let fetchesB = thread >= ${threads / 2}u; let part = thread % ${threads / 2}u;`}
	${declarePlace('a', a, tile)} ${declarePlace('b', b, tile)}
	${ends.join(' ')}
	// The groups take slabs in turn; one that has run out multiplies zeros.
	for (var round = 0u; round <= (${last} + ${groups - 1}u) / ${groups}u; round++) {
		let slab = round * ${groups}u + slabGroup;
		${fetched.map((p) => unroll(4, (i) => `var ${p}${i} = vec4f();`, ' ')).join(' ')}
		${products.map(source).join(' else ')}
		if (round > 0u) {${multiply(tile)}
		}
		workgroupBarrier();
		${both ? `${keep('p', 'aSlot')} ${keep('r', 'bSlot')}` : keep('p', 'select(aSlot, bSlot, fetchesB)')}
		workgroupBarrier();
	}
	${joinGroups(tile)}`;
}

/** Writes the tile: `store(row, column, value)` for rows below u.rows and column quads below `columns` (WGSL of a u32). */
export function sharedEnd(
	{ rows, quads, across, groups }: SharedTile,
	columns: string,
	store: (row: string, column: string, value: string) => string,
): string {
	const first = groups === 1 ? '' : 'slabGroup == 0u && ';
	const one = (j: number): string => {
		const lines = unroll(rows, (i) => `if (m < u.rows) { ${store('m', 'n', `c${i}_${j}`)} } m += 1u;`);
		return `{ let n = n0 + ${j * across}u; var m = m0; if (${first}n < ${columns}) {\n${lines}\n} }`;
	};
	return unroll(quads, one);
}
