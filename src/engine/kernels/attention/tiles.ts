/**
 * Attention over tiles in workgroup memory: for real GPUs, where a thread a row leaves most of the device waiting.
 *
 * A workgroup owns E rows of one head (for dk and dv: E keys) and walks over the other side in tiles of E, in two phases:
 *
 *   pairs     a thread takes one own row and a few of the tile's: the dot products, turned into what the pair weighs
 *   channels  a thread takes one quad of channels of a few own rows: Σ over the tile of weight · row
 *
 * so that no thread holds a whole row in registers, whatever the head size. Rows lie D + 1 quads apart, which spreads neighbouring rows
 * over the banks. The ranges walked are the union of what the own rows see, the same for the whole workgroup; what a row does not see
 * weighs nothing. Traffic: 2·D floats a row of the tile and E own rows. On an H200 at 1,024 rows of 9 heads of 64 the gradient of keys
 * took 722 µs with a thread a key, whose 4·D registers did not fit.
 */
import { unroll } from '../../wgsl.ts';

/** Rows of a tile. */
export type Edge = 4 | 8 | 16;
const EDGES: readonly Edge[] = [16, 8, 4];

/** Sizes in quads, known when the text is built. */
export interface TileSizes {
	/** D / 4 */
	D: number;
	H: number;
	kvHeads: number;
	/** Width of a row of qkv. */
	W: number;
	E: Edge;
}

/** Bytes of workgroup memory for `arrays` tiles and `weights` lists of weights. */
function bytesOf(D: number, E: Edge, arrays: number, weights: number): number {
	return 16 * arrays * E * (D + 1) + 4 * weights * E * E;
}

/** The largest tile that fits; null for heads that are too wide for this device. */
export function edgeFor(D: number, limit: number): Edge | null {
	return EDGES.find((E) => D <= threadsOf(E) && bytesOf(D, E, 4, 2) <= limit) ?? null;
}

const threadsOf = (E: Edge): number => Math.max(64, 8 * E);

/** Own rows that threads take at once in the phase of channels, and how many a thread takes in all. */
function holders({ D, E }: TileSizes): { across: number; each: number } {
	const across = Math.min(E, Math.floor(threadsOf(E) / D));
	return { across, each: Math.ceil(E / across) };
}

/** Threads that share an own row in the phase of pairs. */
export const threadsPerRow = ({ E }: TileSizes): number => threadsOf(E) / E;

/** The text of each row that a thread owns in the phase of channels. */
export function ofEach(sizes: TileSizes, text: (n: number) => string): string {
	return unroll(holders(sizes).each, text);
}

/**
 * `fn main` with its memory. Declares, for pairs, `own` (of the E rows), `i` (its row) and `inside`; for channels `c` (quad) and `held<n>`
 * (own rows; those at E and above are none); `first`, the workgroup's first row.
 *
 * @param names tiles, and lists of weights
 */
export function tilesMain(
	sizes: TileSizes,
	names: { tiles: readonly string[]; weights: readonly string[] },
	body: string,
): string {
	const { D, E } = sizes;
	const threads = threadsOf(E);
	const { across } = holders(sizes);
	return /* wgsl */ `
${names.tiles.map((name) => `var<workgroup> ${name} : array<vec4f, ${E * (D + 1)}>;`).join('\n')}
${names.weights.map((name) => `var<workgroup> ${name} : array<f32, ${E * E}>;`).join('\n')}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_index) thread : u32) {
	let first = group.x * ${E}u;
	let own = thread / ${threads / E}u;
	let inside = first + own < u.rows;
	let i = min(first + own, u.rows - 1u);
	let c = thread % ${D}u;
	${ofEach(sizes, (n) => `let held${n} = select(${E}u, thread / ${D}u + ${n * across}u, thread < ${across * D}u);`)}
	${body}
}`;
}

/** A tile to fill with E rows from row `first` on; `quad` is the WGSL of quad `at` of the row `row`. */
export interface Filled {
	readonly name: string;
	readonly quad: string;
}

/** Fills tiles with the rows from `first` on; all reads are under way before the first is put down. */
export function fill({ D, E }: TileSizes, first: string, tiles: readonly Filled[]): string {
	const threads = threadsOf(E);
	const turns = Array.from({ length: Math.ceil((E * D) / threads) }, (_, n) => n);
	const read = (n: number): string => /* wgsl */ `
		let e${n} = min(thread + ${n * threads}u, ${E * D - 1}u);
		${tiles.map(({ name }) => `var ${name}${n} = vec4f();`).join(' ')}
		{
			let at = e${n} % ${D}u;
			let row = min(${first} + e${n} / ${D}u, u.rows - 1u);
			${tiles.map(({ name, quad }) => `${name}${n} = ${quad};`).join(' ')}
		}`;
	const keep = (n: number): string =>
		tiles.map(({ name }) => `${name}[e${n} / ${D}u * ${D + 1}u + e${n} % ${D}u] = ${name}${n};`).join(' ');
	return `{${turns.map(read).join('')} ${turns.map(keep).join(' ')} }`;
}

/** A loop over `count` (even), four or two rounds of `body(index)` at a time: enough for their reads to overlap. */
export function loopOver(index: string, count: number, body: (at: string) => string): string {
	const step = count % 4 === 0 ? 4 : 2;
	return /* wgsl */ `
		for (var ${index} = 0u; ${index} < ${count}u; ${index} += ${step}u) {
			${unroll(step, (i) => `{ ${body(`(${index} + ${i}u)`)} }`)}
		}`;
}

/** Pairs that a thread takes. */
const pairsOf = (sizes: TileSizes): number => Math.max(1, sizes.E / threadsPerRow(sizes));

/**
 * For every pair of the thread: `other` is the row within the tile, `pair` its place among the weights, and each of `dots` the dot
 * product of an own row and the other one. All products of all pairs are summed side by side, so that none waits for another.
 */
export function eachPair(
	sizes: TileSizes,
	dots: Readonly<Record<string, readonly [own: string, other: string]>>,
	body: string,
): string {
	const { D, E } = sizes;
	const across = threadsPerRow(sizes);
	const all = Object.entries(dots);
	const pairs = Array.from({ length: pairsOf(sizes) }, (_, n) => n);
	const channel = (q: string): string => /* wgsl */ `
		${all.map(([name, [own]]) => `let ${name}Own = ${own}[ownAt + ${q}];`).join(' ')}
		${pairs.map((n) => all.map(([name, [, other]]) => `${name}Sum${n} = fma(${name}Own, ${other}[otherAt${n} + ${q}], ${name}Sum${n});`).join(' ')).join('\n')}`;
	const one = (n: number): string => /* wgsl */ `
		if (other${n} < ${E}u) {
			let other = other${n};
			let pair = own * ${E}u + other;
			${all.map(([name]) => `let ${name} = dot(${name}Sum${n}, vec4f(1.0));`).join(' ')}
			${body}
		}`;
	return /* wgsl */ `{
		let ownAt = own * ${D + 1}u;
		${pairs.map((n) => `let other${n} = thread % ${across}u + ${n * across}u; let otherAt${n} = min(other${n}, ${E - 1}u) * ${D + 1}u;`).join('\n')}
		${pairs.map((n) => all.map(([name]) => `var ${name}Sum${n} = vec4f();`).join(' ')).join(' ')}
		${loopOver('q', D, channel)}
		${pairs.map(one).join('')}
	}`;
}

/** sum<n> += Σ_t weight(t) · tile[t][c] for the thread's own rows; several sums in one walk. */
export function addTile(
	sizes: TileSizes,
	sums: readonly (readonly [sum: string, weights: string, tile: string])[],
): string {
	const { D, E } = sizes;
	const one = (t: string, [sum, weights, tile]: readonly [string, string, string]): string => /* wgsl */ `
		let ${sum}Quad = ${tile}[${t} * ${D + 1}u + c];
		${ofEach(sizes, (n) => `${sum}${n} = fma(vec4f(${weights}[heldAt${n} + ${t}]), ${sum}Quad, ${sum}${n});`)}`;
	return /* wgsl */ `{
		${ofEach(sizes, (n) => `let heldAt${n} = min(held${n}, ${E - 1}u) * ${E}u;`)}
		${loopOver('t', E, (t) => sums.map((sum) => one(t, sum)).join(''))}
	}`;
}

/** A text for each own row and what it sees, one after the other, so that their reads overlap. */
function ofOwnRows({ E }: TileSizes, text: (row: string, range: string) => string): string {
	return unroll(
		E,
		(r) =>
			`{ let row = min(first + ${r}u, u.rows - 1u); let range = vec4u(visible[row]); ${text('row', 'range')} }`,
	);
}

/**
 * Walks over the keys that the own rows see, tile by tile from `tile` on; `start` and `stop` are the range of the pair's own row. Range 0 is
 * the prefix, range 1 the row's own sequence.
 */
export function walkKeys(sizes: TileSizes, body: string): string {
	return /* wgsl */ `
	let seen = vec4u(visible[i]);
	var begins = vec2u(0xffffffffu);
	var ends = vec2u();
	${ofOwnRows(
		sizes,
		(row, range) => /* wgsl */ `
		let begin = ${range}.xz;
		let end = vec2u(${range}.y, ${row} + 1u);
		begins = min(begins, select(vec2u(0xffffffffu), begin, begin < end));
		ends = max(ends, select(vec2u(), end, begin < end));`,
	)}
	for (var part = 0u; part < 2u; part++) {
		let start = select(seen.z, seen.x, part == 0u);
		let stop = select(0u, select(i + 1u, seen.y, part == 0u), inside);
		for (var tile = begins[part]; tile < ends[part]; tile += ${sizes.E}u) {
			${body}
		}
	}`;
}

/** Declares what walkRows() needs: `stop`, the end of the rows that see the pair's own key, and `last`, of those that see any own key. */
export function declareRows(sizes: TileSizes): string {
	return /* wgsl */ `
	let stop = select(0u, u32(visible[i].w), inside);
	var last = 0u;
	${ofOwnRows(sizes, (_, range) => `last = max(last, ${range}.w);`)}`;
}

/** Walks over the rows that see the own keys. */
export function walkRows({ E }: TileSizes, body: string): string {
	return /* wgsl */ `
		for (var tile = first; tile < last; tile += ${E}u) {
			${body}
		}`;
}

/**
 * Turns the sums back by their rows' positions (RoPE transposed) and stores them, times u.scale; a thread's partner quad is another
 * thread's, so they pass through the tile `by`. `to` is the WGSL of where the row `row` of dqkv begins.
 */
export function storeTurnedBack(sizes: TileSizes, sum: string, by: string, to: string): string {
	const { D, E } = sizes;
	const half = D / 2;
	const put = (n: number): string =>
		`if (held${n} < ${E}u) { ${by}[held${n} * ${D + 1}u + c] = ${sum}${n}; }`;
	const store = (n: number): string => /* wgsl */ `{
		let row = first + held${n};
		if (held${n} < ${E}u && row < u.rows) {
			let turn = u32(positions[row]) * ${D}u + c % ${half}u;
			let partner = ${by}[held${n} * ${D + 1}u + (c + ${half}u) % ${D}u];
			let sine = select(-table[turn + ${half}u], table[turn + ${half}u], c < ${half}u);
			dqkv[${to} + c] = u.scale * (${sum}${n} * table[turn] + partner * sine);
		}
	}`;
	return /* wgsl */ `
	${ofEach(sizes, put)}
	workgroupBarrier();
	${ofEach(sizes, store)}`;
}
