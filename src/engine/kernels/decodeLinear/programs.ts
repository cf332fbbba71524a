/** Programs of decodeLinear: one text for all its forms; see the doc block in decodeLinear.ts. */
import type { Grid } from '../../gpu/record.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { handed, LANE, memoized, program, unroll, type Binding, type Program } from '../../gpu/wgsl.ts';
import { rowOf, type Tile } from '../linear/tile.ts';

/** Rows of a full tile. */
const TALL = 16;
/** Threads along the columns and along the rows if each thread walks all of K. */
const WORKGROUP = { lanes: [4, 4], plain: [8, 8] } as const;
/** If K is split: threads that share K, and column tiles per workgroup. */
const SPLIT = { along: 16, tiles: 4 } as const;

/** Few rows use a short tile, so that one row does not cost as much as sixteen. */
export function tileRows(B: number): number {
	return B === 1 ? 1 : B <= 4 ? 4 : TALL;
}

/** With lanes, four threads side by side share the rows of x if the tile has at least four. */
function tileOf(rows: number, lanes: boolean): Tile {
	return { rows, quads: 2, shared: lanes && rows % 4 === 0 ? 'rows' : null };
}

function isSplit(rows: number, lanes: boolean): boolean {
	return !lanes && rows < TALL;
}

/** @param quads of a row of y */
export function planDecodeLinear(B: number, quads: number, swiglu: boolean, lanes: boolean): Grid {
	const rows = tileRows(B);
	const tiles = [Math.ceil(quads / (swiglu ? 1 : 2)), Math.ceil(B / rows)] as const;
	if (isSplit(rows, lanes)) return [Math.ceil(tiles[0] / SPLIT.tiles), tiles[1]];
	const [x, y] = lanes ? WORKGROUP.lanes : WORKGROUP.plain;
	return [Math.ceil(tiles[0] / x), Math.ceil(tiles[1] / y)];
}

/** Writes one row of a tile from its sums: c0 and c1 are its quads, `squares` is Σx². */
function finish(norm: boolean, bias: boolean, residual: boolean, swiglu: boolean): string {
	const scale = norm ? ' * inverseSqrt(squares / f32(4u * u.k) + u.eps)' : '';
	const sum = (j: number, at: string): string => `c${j}${scale}${bias ? ` + bias[${at}]` : ''}`;
	const store = (value: string, at: string): string => {
		const to = `m * u.n + ${at}`;
		return `y[${to}] = ${value}${residual ? ` + residual[${to}]` : ''};`;
	};
	const gated = /* wgsl */ `
	let gate = ${sum(0, 'n0')};
	let up = ${sum(1, 'u.n + n0')};
	${store('gate / (1.0 + exp(-gate)) * up', 'n0')}`;
	const plain = /* wgsl */ `
	${store(sum(0, 'n0'), 'n0')}
	if (n0 + 1u < u.n) { ${store(sum(1, 'n0 + 1u'), 'n0 + 1u')} }`;
	return /* wgsl */ `
fn finish(m : u32, n0 : u32, c0 : vec4f, c1 : vec4f, squares : f32) {
	if (m >= u.rows || n0 >= u.n) { return; }
	${swiglu ? gated : plain}
}`;
}

/** Sums of `rows` rows × 8 columns over the quads first, first + step, … of K. */
function sums(tile: Tile, norm: boolean, swiglu: boolean, weight: WeightType): string {
	const wQuad = weightQuad('w', weight);
	const { rows } = tile;
	const inTurn = tile.shared === 'rows';
	// The second four columns of W's rows: the next four, or the ups of the same gates.
	const row = (j: number): string => `${swiglu && j >= 4 ? 'u.n + ' : ''}n0`;
	const wAt = (j: number): string => `(4u * (${row(j)}) + ${swiglu ? j % 4 : j}u) * u.k`;
	// If four rows are shared, the thread reads one of them: the first in its own order.
	const reads = (i: number): boolean => !inTurn || i % 4 === 0;
	const xAt = (i: number): string => (reads(i) ? `let xAt${i} = (m0 + ${rowOf(tile, i)}) * u.k;` : '');
	const quad = (i: number): string => (reads(i) ? `x[xAt${i} + k]` : handed(i % 4, `a${i & ~3}`));
	const dots = (i: number, j: number): string => unroll(4, (q) => `dot(b${4 * j + q}, a${i})`, ', ');
	const line = (i: number): string =>
		`let a${i} = ${quad(i)}; c${i}_0 += vec4f(${dots(i, 0)}); c${i}_1 += vec4f(${dots(i, 1)});${norm ? ` s${i} += dot(a${i}, a${i});` : ''}`;
	return /* wgsl */ `
	${unroll(rows, (i) => `var c${i}_0 = vec4f(); var c${i}_1 = vec4f(); var s${i} = 0.0;`)}
	${unroll(8, (j) => `let wAt${j} = ${wAt(j)};`)}
	${unroll(rows, xAt)}
	for (var k = first; k < u.k; k += step) {
		${norm ? 'let g = norm[k];' : ''}
		${unroll(8, (j) => `let b${j} = ${wQuad(`wAt${j} + k`)}${norm ? ' * g' : ''};`)}
		${unroll(rows, line)}
	}`;
}

/** Each thread walks all of K. */
function wholeMain(tile: Tile, columns: number, lanes: boolean, body: string): string {
	const { rows } = tile;
	return /* wgsl */ `
@compute @workgroup_size(${(lanes ? WORKGROUP.lanes : WORKGROUP.plain).join(', ')})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let n0 = id.x * ${columns}u;
	let m0 = id.y * ${rows}u;
	if (m0 >= u.rows) { return; }
	let first = 0u;
	let step = 1u;
	${body}
	${unroll(rows, (i) => `finish(m0 + ${rowOf(tile, i)}, n0, c${i}_0, c${i}_1, s${i});`)}
}`;
}

/** Sixteen threads share K; thread i of them finishes row i. */
function splitMain(rows: number, columns: number, body: string): string {
	const { along, tiles } = SPLIT;
	const size = along * tiles;
	return /* wgsl */ `
var<workgroup> left : array<vec4f, ${rows * size}>;
var<workgroup> right : array<vec4f, ${rows * size}>;
var<workgroup> squares : array<f32, ${rows * size}>;
@compute @workgroup_size(${along}, ${tiles})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_id) local : vec3u) {
	let n0 = (group.x * ${tiles}u + local.y) * ${columns}u;
	let m0 = group.y * ${rows}u;
	let first = local.x;
	let step = ${along}u;
	${body}
	let at = local.y * ${along}u;
	${unroll(
		rows,
		(i) =>
			`left[${i * size}u + at + local.x] = c${i}_0; right[${i * size}u + at + local.x] = c${i}_1; squares[${i * size}u + at + local.x] = s${i};`,
	)}
	workgroupBarrier();
	if (local.x >= ${rows}u) { return; }
	var c0 = vec4f();
	var c1 = vec4f();
	var s = 0.0;
	for (var t = 0u; t < ${along}u; t++) {
		let from_thread = local.x * ${size}u + at + t;
		c0 += left[from_thread];
		c1 += right[from_thread];
		s += squares[from_thread];
	}
	finish(m0 + local.x, n0, c0, c1, s);
}`;
}

export const decodeLinearProgram = memoized(
	(
		rows: number,
		norm: boolean,
		bias: boolean,
		residual: boolean,
		swiglu: boolean,
		lanes: boolean,
		weight: WeightType,
	): Program => {
		const optional: Binding[] = [];
		if (norm) optional.push(['norm', 'read', 'vec4f']);
		if (bias) optional.push(['bias', 'read', 'vec4f']);
		if (residual) optional.push(['residual', 'read', 'vec4f']);
		const columns = swiglu ? 1 : 2;
		const tile = tileOf(rows, lanes);
		const body = sums(tile, norm, swiglu, weight);
		const main = isSplit(rows, lanes)
			? splitMain(rows, columns, body)
			: wholeMain(tile, columns, lanes, body);
		return program('decodeLinear', {
			lanes,
			bindings: [['x', 'read', 'vec4f'], ['w', 'read', weight], ...optional, ['y', 'write', 'vec4f']],
			uniforms: [
				['rows', 'u32'],
				['k', 'u32'],
				['n', 'u32'],
				['eps', 'f32'],
			],
			body: `${finish(norm, bias, residual, swiglu)}\n${main}`,
		});
	},
);
