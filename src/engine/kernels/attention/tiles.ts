/**
 * Attention over tiles in workgroup memory, for real GPUs: one thread per row would leave most of the device
 * idle.
 *
 * A workgroup owns E rows of one head (for dk and dv: E keys) and walks over the other side in tiles of E, in
 * two phases:
 *
 *   pairs     a thread takes one or two own rows and one or two rows of the tile: dot products, then weights
 *   channels  a thread takes one quad of channels of a few own rows: Σ over the tile of weight · row
 *
 * No thread holds a whole row in registers, so any head size works. Rows are D + 1 quads apart, which spreads
 * neighbouring rows over the banks. The walked range is the union of the own rows' ranges and the same for
 * the whole workgroup; rows outside a row's own range have weight zero. Traffic: 2·D floats per row of the
 * tile and E own rows. On an H200 at 1,024 rows of 9 heads of 64 the gradient of keys took 722 µs with one
 * thread per key, whose 4·D registers did not fit.
 *
 * There are few key heads, and a workgroup for dk and dv walks over all query heads of its key head.
 * Therefore several groups of threads share the own rows and take the tiles of all those heads in turn. Each
 * group has its own tiles and sums, which are added at the end. Measurements: docs/kernels.md.
 */
import { unroll } from '../../gpu/wgsl.ts';
import { holders, pairing, threadsOf, tileQuads, type TileSizes } from './tileSizes.ts';

/** The text for each row that a thread owns in the channels phase. */
export function ofEach(sizes: TileSizes, text: (n: number) => string): string {
	return unroll(holders(sizes).each, text);
}

/** The text for each own row of a thread in the pairs phase. */
export function ofOwn(sizes: TileSizes, text: (n: number) => string): string {
	return unroll(pairing(sizes).own, text);
}

/** Names of a program's arrays in workgroup memory. */
export interface TileNames {
	/** Tiles of own rows, shared by all groups. */
	own: readonly string[];
	/** Tiles of the other side and lists of weights, one per group. */
	tiles: readonly string[];
	weights: readonly string[];
}

/**
 * `fn main` with its memory. Declares `threadGroup`, the start of the group's tiles and weights (`tilesAt`,
 * `weightsAt`) and `thread` within the group; for pairs, `own<n>` (index among the E rows), `i<n>` (its row)
 * and `inside<n>`; for channels, `c` (quad) and `held<n>` (own rows; values from E on mean none); and
 * `first`, the workgroup's first row.
 */
export function tilesMain(sizes: TileSizes, { own, tiles, weights }: TileNames, body: string): string {
	const { D, E, groups } = sizes;
	const threads = threadsOf(sizes);
	const { across } = holders(sizes);
	const pairs = pairing(sizes);
	const tile = (count: number) => (name: string) =>
		`var<workgroup> ${name} : array<vec4f, ${count * tileQuads(sizes)}>;`;
	return /* wgsl */ `
${[...own.map(tile(1)), ...tiles.map(tile(groups))].join('\n')}
${weights.map((name) => `var<workgroup> ${name} : array<f32, ${groups * E * E}>;`).join('\n')}
@compute @workgroup_size(${groups * threads})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_index) invocation : u32) {
	let thread = invocation % ${threads}u;
	let threadGroup = invocation / ${threads}u;
	let tilesAt = threadGroup * ${tileQuads(sizes)}u;
	let weightsAt = threadGroup * ${E * E}u;
	let first = group.x * ${E}u;
	${ofOwn(
		sizes,
		(n) => /* wgsl */ `
	let own${n} = thread / ${pairs.beside}u + ${(n * E) / pairs.own}u;
	let inside${n} = first + own${n} < u.rows;
	let i${n} = min(first + own${n}, u.rows - 1u);`,
	)}
	let c = thread % ${D}u;
	${ofEach(sizes, (n) => `let held${n} = select(${E}u, thread / ${D}u + ${n * across}u, thread < ${across * D}u);`)}
	${body}
}`;
}

/** A tile to fill with E rows; `quad` is the WGSL of quad `at` of the row `row`. */
export interface Filled {
	readonly name: string;
	readonly quad: string;
}

/**
 * Fills the tiles that start at `at` with the rows from `from` on; starts all reads before the first write.
 */
function fill(sizes: TileSizes, from: string, at: string, tiles: readonly Filled[]): string {
	const { D, E } = sizes;
	const threads = threadsOf(sizes);
	const turns = Array.from({ length: Math.ceil((E * D) / threads) }, (_, n) => n);
	const read = (n: number): string => /* wgsl */ `
		let e${n} = min(thread + ${n * threads}u, ${E * D - 1}u);
		${tiles.map(({ name }) => `var ${name}${n} = vec4f();`).join(' ')}
		{
			let at = e${n} % ${D}u;
			let row = min(${from} + e${n} / ${D}u, u.rows - 1u);
			${tiles.map(({ name, quad }) => `${name}${n} = ${quad};`).join(' ')}
		}`;
	const keep = (n: number): string =>
		tiles
			.map(({ name }) => `${name}[${at} + e${n} / ${D}u * ${D + 1}u + e${n} % ${D}u] = ${name}${n};`)
			.join(' ');
	return `{${turns.map(read).join('')} ${turns.map(keep).join(' ')} }`;
}

/** Fills the tiles of own rows. */
export function fillOwn(sizes: TileSizes, tiles: readonly Filled[]): string {
	return `if (threadGroup == 0u) ${fill(sizes, 'first', '0u', tiles)}`;
}

/** Fills the group's tiles with the rows from `tile` on. */
export function fillTiles(sizes: TileSizes, tiles: readonly Filled[]): string {
	return fill(sizes, 'tile', 'tilesAt', tiles);
}

/**
 * Loops over `count` (even) with four or two rounds of `body(index)` unrolled, enough for their reads to
 * overlap.
 */
export function loopOver(index: string, count: number, body: (at: string) => string): string {
	const step = count % 4 === 0 ? 4 : 2;
	return /* wgsl */ `
		for (var ${index} = 0u; ${index} < ${count}u; ${index} += ${step}u) {
			${unroll(step, (i) => `{ ${body(`(${index} + ${i}u)`)} }`)}
		}`;
}

/**
 * Runs `body` for every pair of the thread: `other` is the row within the tile, `pair` the index of the
 * pair's weight, and each of `dots` the dot product of an own row and the other row; `body` gets the index of
 * the own row within the thread. All products of all pairs are summed side by side, so no sum waits for
 * another and each quad that is read serves two of them.
 */
export function eachPair(
	sizes: TileSizes,
	dots: Readonly<Record<string, readonly [own: string, other: string]>>,
	body: (n: number) => string,
): string {
	const { D, E } = sizes;
	const { beside, others } = pairing(sizes);
	const all = Object.entries(dots);
	const ofDots = (text: (name: string, own: string, other: string) => string): string =>
		all.map(([name, [own, other]]) => text(name, own, other)).join(' ');
	const ofOthers = (text: (m: number) => string): string => unroll(others, text);
	const ofPairs = (text: (n: number, m: number) => string): string =>
		ofOwn(sizes, (n) => ofOthers((m) => text(n, m)));
	const channel = (q: string): string => /* wgsl */ `
		${ofOwn(sizes, (n) => ofDots((name, own) => `let ${name}Own${n} = ${own}[ownAt${n} + ${q}];`))}
		${ofOthers((m) => ofDots((name, _, other) => `let ${name}Other${m} = ${other}[otherAt${m} + ${q}];`))}
		${ofPairs((n, m) => ofDots((name) => `${name}${n}${m} = fma(${name}Own${n}, ${name}Other${m}, ${name}${n}${m});`))}`;
	const one = (n: number, m: number): string => /* wgsl */ `
		if (other${m} < ${E}u) {
			let other = other${m};
			let pair = weightsAt + own${n} * ${E}u + other;
			${ofDots((name) => `let ${name} = dot(${name}${n}${m}, vec4f(1.0));`)}
			${body(n)}
		}`;
	return /* wgsl */ `{
		${ofOwn(sizes, (n) => `let ownAt${n} = own${n} * ${D + 1}u;`)}
		${ofOthers((m) => `let other${m} = thread % ${beside}u + ${m * beside}u; let otherAt${m} = tilesAt + min(other${m}, ${E - 1}u) * ${D + 1}u;`)}
		${ofPairs((n, m) => ofDots((name) => `var ${name}${n}${m} = vec4f();`))}
		${loopOver('q', D, channel)}
		${ofPairs(one)}
	}`;
}

/** sum<n> += Σ_t weight(t) · tile[t][c] for the thread's own rows; one walk computes several sums. */
export function addTile(
	sizes: TileSizes,
	sums: readonly (readonly [sum: string, weights: string, tile: string])[],
): string {
	const { D, E } = sizes;
	const one = (t: string, [sum, weights, tile]: readonly [string, string, string]): string => /* wgsl */ `
		let ${sum}Quad = ${tile}[tilesAt + ${t} * ${D + 1}u + c];
		${ofEach(sizes, (n) => `${sum}${n} = fma(vec4f(${weights}[heldAt${n} + ${t}]), ${sum}Quad, ${sum}${n});`)}`;
	return /* wgsl */ `{
		${ofEach(sizes, (n) => `let heldAt${n} = weightsAt + min(held${n}, ${E - 1}u) * ${E}u;`)}
		${loopOver('t', E, (t) => sums.map((sum) => one(t, sum)).join(''))}
	}`;
}

/** The text for each own row and its visible range, unrolled so that the reads overlap. */
function ofOwnRows({ E }: TileSizes, text: (row: string, range: string) => string): string {
	return unroll(
		E,
		(r) =>
			`{ let row = min(first + ${r}u, u.rows - 1u); let range = vec4u(visible[row]); ${text('row', 'range')} }`,
	);
}

/**
 * Walks over the keys that the own rows see, tile by tile from `tile` on; `start<n>` and `stop<n>` are the
 * range of a pair's own row. Range 0 is the prefix, range 1 the row's own sequence.
 */
export function walkKeys(sizes: TileSizes, body: string): string {
	return /* wgsl */ `
	${ofOwn(sizes, (n) => `let seen${n} = vec4u(visible[i${n}]);`)}
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
		${ofOwn(
			sizes,
			(n) => /* wgsl */ `
		let start${n} = select(seen${n}.z, seen${n}.x, part == 0u);
		let stop${n} = select(0u, select(i${n} + 1u, seen${n}.y, part == 0u), inside${n});`,
		)}
		for (var tile = begins[part]; tile < ends[part]; tile += ${sizes.E}u) {
			${body}
		}
	}`;
}

/**
 * Declares the inputs of walkRows(): `stop<n>`, the end of the rows that see a pair's own key, and `last`,
 * the end of the rows that see any own key.
 */
export function declareRows(sizes: TileSizes): string {
	return /* wgsl */ `
	${ofOwn(sizes, (n) => `let stop${n} = select(0u, u32(visible[i${n}].w), inside${n});`)}
	var last = 0u;
	${ofOwnRows(sizes, (_, range) => `last = max(last, ${range}.w);`)}`;
}

/**
 * Walks over the rows that see the own keys, once for each of `heads` query heads from `head0` (WGSL) on; the
 * groups take the tiles of all heads in turn. In a turn past the last, no row of the tile sees an own key.
 */
export function walkRows({ E, groups }: TileSizes, heads: number, head0: string, body: string): string {
	return /* wgsl */ `
		let tiles = (last - first + ${E - 1}u) / ${E}u;
		for (var round = 0u; round * ${groups}u < ${heads}u * tiles; round++) {
			let turn = round * ${groups}u + threadGroup;
			let walked = min(turn / tiles, ${heads - 1}u);
			let head = ${head0} + walked;
			let tile = first + (turn - walked * tiles) * ${E}u;
			${body}
		}`;
}

/** Writes a sum into the group's tile `by`, for the other threads and the first group. */
export function handOver(sizes: TileSizes, sum: string, by: string): string {
	const put = (n: number): string =>
		`if (held${n} < ${sizes.E}u) { ${by}[tilesAt + held${n} * ${sizes.D + 1}u + c] = ${sum}${n}; }`;
	return ofEach(sizes, put);
}

/** The sum over all groups of quad `c` (WGSL) of an own row, as written by {@link handOver}. */
function joined(sizes: TileSizes, by: string, n: number, c: string): string {
	const one = (group: number): string =>
		`${by}[${group * tileQuads(sizes)}u + held${n} * ${sizes.D + 1}u + ${c}]`;
	return unroll(sizes.groups, one, ' + ');
}

/** The text for each existing own row that this thread of the first group stores; `row` is its row. */
function forStored(sizes: TileSizes, text: (n: number) => string): string {
	const one = (n: number): string => /* wgsl */ `{
		let row = first + held${n};
		if (threadGroup == 0u && held${n} < ${sizes.E}u && row < u.rows) { ${text(n)} }
	}`;
	return ofEach(sizes, one);
}

/**
 * Stores the sums that handOver() wrote to `by`; `to` is the WGSL of the start of row `row` in dqkv. Call
 * after a barrier.
 */
export function storeJoined(sizes: TileSizes, by: string, to: string): string {
	return forStored(sizes, (n) => `dqkv[${to} + c] = ${joined(sizes, by, n, 'c')};`);
}

/**
 * Like {@link storeJoined}, but rotated back by the row's position (RoPE transposed) and multiplied by
 * u.scale; another thread holds the partner of each quad.
 */
export function storeTurnedBack(sizes: TileSizes, by: string, to: string): string {
	const { D } = sizes;
	const half = D / 2;
	const store = (n: number): string => /* wgsl */ `
			let turn = u32(positions[row]) * ${D}u + c % ${half}u;
			let own = ${joined(sizes, by, n, 'c')};
			let partner = ${joined(sizes, by, n, `(c + ${half}u) % ${D}u`)};
			let sine = select(-table[turn + ${half}u], table[turn + ${half}u], c < ${half}u);
			dqkv[${to} + c] = u.scale * (own * table[turn] + partner * sine);`;
	return forStored(sizes, store);
}
