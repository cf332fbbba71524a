/**
 * Attention over tiles in workgroup memory: for real GPUs, where a thread a row leaves most of the device waiting.
 *
 * A workgroup owns E rows of one head (for dk and dv: E keys) and walks over the other side in tiles of E, in two phases:
 *
 *   pairs     a thread takes one or two own rows and one or two of the tile's: the dot products, turned into what the pair weighs
 *   channels  a thread takes one quad of channels of a few own rows: Σ over the tile of weight · row
 *
 * so that no thread holds a whole row in registers, whatever the head size. Rows lie D + 1 quads apart, which spreads neighbouring rows
 * over the banks. The ranges walked are the union of what the own rows see, the same for the whole workgroup; what a row does not see
 * weighs nothing. Traffic: 2·D floats a row of the tile and E own rows. On an H200 at 1,024 rows of 9 heads of 64 the gradient of keys
 * took 722 µs with a thread a key, whose 4·D registers did not fit.
 *
 * There are few key heads, and a workgroup for dk and dv walks over all query heads of its own: so several groups of threads share the
 * own rows and take the tiles of all those heads in turn, each with tiles and sums of its own, which are added in the end. Measured in
 * docs/kernels.md.
 */
import { unroll } from '../../gpu/wgsl.ts';
import { holders, pairing, threadsOf, tileQuads, type TileSizes } from './tileSizes.ts';

/** The text of each row that a thread owns in the phase of channels. */
export function ofEach(sizes: TileSizes, text: (n: number) => string): string {
	return unroll(holders(sizes).each, text);
}

/** The text of each own row of a thread in the phase of pairs. */
export function ofOwn(sizes: TileSizes, text: (n: number) => string): string {
	return unroll(pairing(sizes).own, text);
}

/** What a program keeps in workgroup memory. */
export interface TileNames {
	/** Tiles of own rows, one for all groups. */
	own: readonly string[];
	/** Tiles of the other side and lists of weights, of each group. */
	tiles: readonly string[];
	weights: readonly string[];
}

/**
 * `fn main` with its memory. Declares `threadGroup`, where the group's tiles and weights begin (`tilesAt`, `weightsAt`) and `thread` of
 * the group; for pairs, `own<n>` (of the E rows), `i<n>` (its row) and `inside<n>`; for channels `c` (quad) and `held<n>` (own rows; those
 * at E and above are none); `first`, the workgroup's first row.
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

/** Fills tiles, which begin at `at`, with the rows from `from` on; all reads are under way before the first is put down. */
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

/** Fills tiles of own rows. */
export function fillOwn(sizes: TileSizes, tiles: readonly Filled[]): string {
	return `if (threadGroup == 0u) ${fill(sizes, 'first', '0u', tiles)}`;
}

/** Fills tiles of the group with the rows from `tile` on. */
export function fillTiles(sizes: TileSizes, tiles: readonly Filled[]): string {
	return fill(sizes, 'tile', 'tilesAt', tiles);
}

/** A loop over `count` (even), four or two rounds of `body(index)` at a time: enough for their reads to overlap. */
export function loopOver(index: string, count: number, body: (at: string) => string): string {
	const step = count % 4 === 0 ? 4 : 2;
	return /* wgsl */ `
		for (var ${index} = 0u; ${index} < ${count}u; ${index} += ${step}u) {
			${unroll(step, (i) => `{ ${body(`(${index} + ${i}u)`)} }`)}
		}`;
}

/**
 * For every pair of the thread: `other` is the row within the tile, `pair` its place among the weights, and each of `dots` the dot
 * product of an own row and the other one; `body` has the own row's number among the thread's. All products of all pairs are summed
 * side by side, so that none waits for another and a quad that was read serves two of them.
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

/** sum<n> += Σ_t weight(t) · tile[t][c] for the thread's own rows; several sums in one walk. */
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

/** A text for each own row and what it sees, one after the other, so that their reads overlap. */
function ofOwnRows({ E }: TileSizes, text: (row: string, range: string) => string): string {
	return unroll(
		E,
		(r) =>
			`{ let row = min(first + ${r}u, u.rows - 1u); let range = vec4u(visible[row]); ${text('row', 'range')} }`,
	);
}

/**
 * Walks over the keys that the own rows see, tile by tile from `tile` on; `start<n>` and `stop<n>` are the range of a pair's own row. Range
 * 0 is the prefix, range 1 the row's own sequence.
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

/** Declares what walkRows() needs: `stop<n>`, the end of the rows that see a pair's own key, and `last`, of those that see any own key. */
export function declareRows(sizes: TileSizes): string {
	return /* wgsl */ `
	${ofOwn(sizes, (n) => `let stop${n} = select(0u, u32(visible[i${n}].w), inside${n});`)}
	var last = 0u;
	${ofOwnRows(sizes, (_, range) => `last = max(last, ${range}.w);`)}`;
}

/**
 * Walks over the rows that see the own keys, once for each of `heads` query heads from `head0` (WGSL) on: the groups take the tiles of
 * all of them in turn. A turn past the last has a tile that no own key is seen by.
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

/** Puts a sum into the group's tile `by`, for the other threads and the first group. */
export function handOver(sizes: TileSizes, sum: string, by: string): string {
	const put = (n: number): string =>
		`if (held${n} < ${sizes.E}u) { ${by}[tilesAt + held${n} * ${sizes.D + 1}u + c] = ${sum}${n}; }`;
	return ofEach(sizes, put);
}

/** What all groups handed over of quad `c` (WGSL) of an own row. */
function joined(sizes: TileSizes, by: string, n: number, c: string): string {
	const one = (group: number): string =>
		`${by}[${group * tileQuads(sizes)}u + held${n} * ${sizes.D + 1}u + ${c}]`;
	return unroll(sizes.groups, one, ' + ');
}

/** A text for each own row that there is and that this thread of the first group stores; `row` is its row. */
function forStored(sizes: TileSizes, text: (n: number) => string): string {
	const one = (n: number): string => /* wgsl */ `{
		let row = first + held${n};
		if (threadGroup == 0u && held${n} < ${sizes.E}u && row < u.rows) { ${text(n)} }
	}`;
	return ofEach(sizes, one);
}

/** Stores what was handed over through `by`; `to` is the WGSL of where the row `row` of dqkv begins. After a barrier. */
export function storeJoined(sizes: TileSizes, by: string, to: string): string {
	return forStored(sizes, (n) => `dqkv[${to} + c] = ${joined(sizes, by, n, 'c')};`);
}

/** The same, turned back by the row's position (RoPE transposed) and times u.scale: what a partner is to a quad another thread has. */
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
