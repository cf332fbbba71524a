/** Attention's programs over workgroup tiles: see tiles.ts. Same bindings, uniforms and results as in programs.ts. */
import { memoized, program, type Program } from '../../wgsl.ts';
import { BINDINGS, UNIFORMS } from './bindings.ts';
import {
	addTile,
	declareRows,
	eachPair,
	fill,
	loopOver,
	ofEach,
	storeTurnedBack,
	threadsPerRow,
	tilesMain,
	walkKeys,
	walkRows,
	type Edge,
	type TileSizes,
} from './tiles.ts';

const BARRIER = 'workgroupBarrier();';

/** First quad of q of the row `row`, of its k and of its v, for the query head `head` or the key head of it. */
function places({ D, H, kvHeads, W }: TileSizes, keyHead: string) {
	return {
		q: `row * ${W}u + head * ${D}u`,
		k: `row * ${W}u + (${H}u + ${keyHead}) * ${D}u`,
		v: `row * ${W}u + (${H + kvHeads}u + ${keyHead}) * ${D}u`,
		out: `(row * ${H}u + head) * ${D}u`,
	};
}

function buildForward(sizes: TileSizes): Program {
	const { D, H, kvHeads, E } = sizes;
	const at = places(sizes, `head / ${H / kvHeads}u`);
	// Every thread of a row finds the row's maximum and weights for itself: that costs less than another barrier.
	const take = (n: number): string => /* wgsl */ `{
				let weights = min(held${n}, ${E - 1}u) * ${E}u;
				var next = largest${n};
				${loopOver('t', E, (t) => `next = max(next, scores[weights + ${t}]);`)}
				let shrink = exp(largest${n} - next);
				total${n} *= shrink;
				sum${n} *= shrink;
				${loopOver(
					't',
					E,
					(t) => /* wgsl */ `
				let score = scores[weights + ${t}];
				let p = select(0.0, exp(score - next), score > -1.0e38);
				total${n} += p;
				sum${n} = fma(vec4f(p), values[${t} * ${D + 1}u + c], sum${n});`,
				)}
				largest${n} = next;
			}`;
	const store = (n: number): string => /* wgsl */ `{
		let row = first + held${n};
		if (held${n} < ${E}u && row < u.rows) {
			o[${at.out} + c] = sum${n} / total${n};
			if (c == 0u) { stats[2u * (row * ${H}u + head)] = largest${n} + log(total${n}); }
		}
	}`;
	const tile = /* wgsl */ `
			${fill(sizes, 'tile', [
				{ name: 'keys', quad: `x[${at.k} + at]` },
				{ name: 'values', quad: `x[${at.v} + at]` },
			])}
			${BARRIER}
			${eachPair(
				sizes,
				{ score: ['queries', 'keys'] },
				/* wgsl */ `
				let j = tile + other;
				scores[pair] = select(-3.0e38, score, j >= start && j < stop);`,
			)}
			${BARRIER}
			${ofEach(sizes, take)}
			${BARRIER}`;
	return program('attentionTiles', {
		bindings: BINDINGS.forward,
		uniforms: UNIFORMS,
		body: tilesMain(
			sizes,
			{ tiles: ['queries', 'keys', 'values'], weights: ['scores'] },
			/* wgsl */ `
	let head = group.y;
	${fill(sizes, 'first', [{ name: 'queries', quad: `x[${at.q} + at] * u.scale` }])}
	${ofEach(sizes, (n) => `var sum${n} = vec4f(); var largest${n} = -3.0e38; var total${n} = 0.0;`)}
	${walkKeys(sizes, tile)}
	${ofEach(sizes, store)}`,
		),
	});
}

function buildGradQ(sizes: TileSizes): Program {
	const { D, H, kvHeads } = sizes;
	const at = places(sizes, `head / ${H / kvHeads}u`);
	const tile = /* wgsl */ `
			${fill(sizes, 'tile', [
				{ name: 'keys', quad: `x[${at.k} + at]` },
				{ name: 'values', quad: `x[${at.v} + at]` },
			])}
			${BARRIER}
			${eachPair(
				sizes,
				{ score: ['queries', 'keys'], change: ['grads', 'values'] },
				/* wgsl */ `
				let j = tile + other;
				weights[pair] = select(0.0, exp(score - lse) * (change - delta), j >= start && j < stop);`,
			)}
			${BARRIER}
			${addTile(sizes, [['sum', 'weights', 'keys']])}
			${BARRIER}`;
	return program('attentionTilesGradQ', {
		bindings: BINDINGS.gradQ,
		uniforms: UNIFORMS,
		body: tilesMain(
			sizes,
			{ tiles: ['queries', 'grads', 'keys', 'values'], weights: ['weights'] },
			/* wgsl */ `
	let head = group.y;
	${fill(sizes, 'first', [
		{ name: 'queries', quad: `x[${at.q} + at] * u.scale` },
		{ name: 'grads', quad: `dO[${at.out} + at]` },
	])}
	${BARRIER}
	var delta = 0.0;
	for (var q = 0u; q < ${D}u; q++) { delta += dot(grads[own * ${D + 1}u + q], o[(i * ${H}u + head) * ${D}u + q]); }
	let lse = stats[i * ${H}u + head].x;
	${ofEach(sizes, (n) => `var sum${n} = vec4f();`)}
	${walkKeys(sizes, tile)}
	if (inside && thread % ${threadsPerRow(sizes)}u == 0u) { stats[i * ${H}u + head].y = delta; }
	${storeTurnedBack(sizes, 'sum', 'keys', at.q)}`,
		),
	});
}

function buildGradKv(sizes: TileSizes): Program {
	const { H, kvHeads, E } = sizes;
	const at = places(sizes, 'group.y');
	const tile = /* wgsl */ `
			${fill(sizes, 'tile', [
				{ name: 'queries', quad: `x[${at.q} + at]` },
				{ name: 'grads', quad: `dO[${at.out} + at]` },
			])}
			${BARRIER}
			${eachPair(
				sizes,
				{ score: ['keys', 'queries'], change: ['values', 'grads'] },
				/* wgsl */ `
				let row = tile + other;
				let stat = stats[min(row, u.rows - 1u) * ${H}u + head];
				let p = select(0.0, exp(score - stat.x), row >= i && row < stop);
				shares[pair] = p;
				weights[pair] = p * (change - stat.y);`,
			)}
			${BARRIER}
			${addTile(sizes, [
				['dk', 'weights', 'queries'],
				['dv', 'shares', 'grads'],
			])}
			${BARRIER}`;
	const store = (n: number): string => /* wgsl */ `{
		let row = first + held${n};
		if (held${n} < ${E}u && row < u.rows) { dqkv[${at.v} + c] = dv${n}; }
	}`;
	return program('attentionTilesGradKv', {
		bindings: BINDINGS.gradKv,
		uniforms: UNIFORMS,
		body: tilesMain(
			sizes,
			{ tiles: ['keys', 'values', 'queries', 'grads'], weights: ['weights', 'shares'] },
			/* wgsl */ `
	${declareRows(sizes)}
	${fill(sizes, 'first', [
		{ name: 'keys', quad: `x[${at.k} + at] * u.scale` },
		{ name: 'values', quad: `x[${at.v} + at]` },
	])}
	${ofEach(sizes, (n) => `var dk${n} = vec4f(); var dv${n} = vec4f();`)}
	for (var head = group.y * ${H / kvHeads}u; head < (group.y + 1u) * ${H / kvHeads}u; head++) {
		${walkRows(sizes, tile)}
	}
	${ofEach(sizes, store)}
	${storeTurnedBack(sizes, 'dk', 'queries', at.k)}`,
		),
	});
}

const programOf = (build: (sizes: TileSizes) => Program) =>
	memoized((D: number, H: number, kvHeads: number, E: Edge) =>
		build({ D, H, kvHeads, W: (H + 2 * kvHeads) * D, E }),
	);
export const tilePrograms = {
	forward: programOf(buildForward),
	gradQ: programOf(buildGradQ),
	gradKv: programOf(buildGradKv),
};
