/**
 * Attention's programs over workgroup tiles: see tiles.ts. They have the bindings, uniforms and results of
 * programs.ts.
 */
import { memoized, program, type Program } from '../../gpu/wgsl.ts';
import { BINDINGS, UNIFORMS } from './bindings.ts';
import {
	addTile,
	declareRows,
	eachPair,
	fillOwn,
	fillTiles,
	handOver,
	loopOver,
	ofEach,
	ofOwn,
	storeJoined,
	storeTurnedBack,
	tilesMain,
	walkKeys,
	walkRows,
} from './tiles.ts';
import { pairing, type Edge, type TileSizes } from './tileSizes.ts';

const BARRIER = 'workgroupBarrier();';

/** First quad of q, k and v of the row `row`: q of the query head `head`, k and v of its key head. */
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
	// Every thread of a row computes the row's maximum and weights itself, which costs less than another
	// barrier.
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
			${fillTiles(sizes, [
				{ name: 'keys', quad: `x[${at.k} + at]` },
				{ name: 'values', quad: `x[${at.v} + at]` },
			])}
			${BARRIER}
			${eachPair(
				sizes,
				{ score: ['queries', 'keys'] },
				(n) => /* wgsl */ `
			let j = tile + other;
			scores[pair] = select(-3.0e38, score, j >= start${n} && j < stop${n});`,
			)}
			${BARRIER}
			${ofEach(sizes, take)}
			${BARRIER}`;
	return program('attentionTiles', {
		bindings: BINDINGS.forward,
		uniforms: UNIFORMS,
		body: tilesMain(
			sizes,
			{ own: ['queries'], tiles: ['keys', 'values'], weights: ['scores'] },
			/* wgsl */ `
	let head = group.y;
	${fillOwn(sizes, [{ name: 'queries', quad: `x[${at.q} + at] * u.scale` }])}
	${ofEach(sizes, (n) => `var sum${n} = vec4f(); var largest${n} = -3.0e38; var total${n} = 0.0;`)}
	${walkKeys(sizes, tile)}
	${ofEach(sizes, store)}`,
		),
	});
}

function buildGradQ(sizes: TileSizes): Program {
	const { D, H, kvHeads } = sizes;
	const { beside } = pairing(sizes);
	const at = places(sizes, `head / ${H / kvHeads}u`);
	const tile = /* wgsl */ `
			${fillTiles(sizes, [
				{ name: 'keys', quad: `x[${at.k} + at]` },
				{ name: 'values', quad: `x[${at.v} + at]` },
			])}
			${BARRIER}
			${eachPair(
				sizes,
				{ score: ['queries', 'keys'], change: ['grads', 'values'] },
				(n) => /* wgsl */ `
			let j = tile + other;
			weights[pair] = select(0.0, exp(score - lse${n}) * (change - delta${n}), j >= start${n} && j < stop${n});`,
			)}
			${BARRIER}
			${addTile(sizes, [['sum', 'weights', 'keys']])}
			${BARRIER}`;
	return program('attentionTilesGradQ', {
		bindings: BINDINGS.gradQ,
		uniforms: UNIFORMS,
		body: tilesMain(
			sizes,
			{ own: ['queries', 'grads'], tiles: ['keys', 'values'], weights: ['weights'] },
			/* wgsl */ `
	let head = group.y;
	${fillOwn(sizes, [
		{ name: 'queries', quad: `x[${at.q} + at] * u.scale` },
		{ name: 'grads', quad: `dO[${at.out} + at]` },
	])}
	${BARRIER}
	${ofOwn(
		sizes,
		(n) => /* wgsl */ `
	var delta${n} = 0.0;
	for (var q = 0u; q < ${D}u; q++) { delta${n} += dot(grads[own${n} * ${D + 1}u + q], o[(i${n} * ${H}u + head) * ${D}u + q]); }
	let lse${n} = stats[i${n} * ${H}u + head].x;`,
	)}
	${ofEach(sizes, (n) => `var sum${n} = vec4f();`)}
	${walkKeys(sizes, tile)}
	${ofOwn(sizes, (n) => `if (inside${n} && thread % ${beside}u == 0u) { stats[i${n} * ${H}u + head].y = delta${n}; }`)}
	${handOver(sizes, 'sum', 'keys')}
	${BARRIER}
	${storeTurnedBack(sizes, 'keys', at.q)}`,
		),
	});
}

function buildGradKv(sizes: TileSizes): Program {
	const { D, H, kvHeads, E } = sizes;
	const at = places(sizes, 'group.y');
	// A row's statistics follow its channels, in the quad that pads the row to spread the banks.
	const tile = /* wgsl */ `
			${fillTiles(sizes, [
				{ name: 'queries', quad: `x[${at.q} + at]` },
				{ name: 'grads', quad: `dO[${at.out} + at]` },
			])}
			if (thread < ${E}u) {
				let stat = stats[min(tile + thread, u.rows - 1u) * ${H}u + head];
				queries[tilesAt + thread * ${D + 1}u + ${D}u] = vec4f(stat, 0.0, 0.0);
			}
			${BARRIER}
			${eachPair(
				sizes,
				{ score: ['keys', 'queries'], change: ['values', 'grads'] },
				(n) => /* wgsl */ `
			let row = tile + other;
			let stat = queries[tilesAt + other * ${D + 1}u + ${D}u];
			let p = select(0.0, exp(score - stat.x), row >= i${n} && row < stop${n});
			shares[pair] = p;
			weights[pair] = p * (change - stat.y);`,
			)}
			${BARRIER}
			${addTile(sizes, [
				['dk', 'weights', 'queries'],
				['dv', 'shares', 'grads'],
			])}
			${BARRIER}`;
	return program('attentionTilesGradKv', {
		bindings: BINDINGS.gradKv,
		uniforms: UNIFORMS,
		body: tilesMain(
			sizes,
			{ own: ['keys', 'values'], tiles: ['queries', 'grads'], weights: ['weights', 'shares'] },
			/* wgsl */ `
	${declareRows(sizes)}
	${fillOwn(sizes, [
		{ name: 'keys', quad: `x[${at.k} + at] * u.scale` },
		{ name: 'values', quad: `x[${at.v} + at]` },
	])}
	${ofEach(sizes, (n) => `var dk${n} = vec4f(); var dv${n} = vec4f();`)}
	${walkRows(sizes, H / kvHeads, `group.y * ${H / kvHeads}u`, tile)}
	${handOver(sizes, 'dk', 'queries')}
	${handOver(sizes, 'dv', 'grads')}
	${BARRIER}
	${storeTurnedBack(sizes, 'queries', at.k)}
	${storeJoined(sizes, 'grads', at.v)}`,
		),
	});
}

const programOf = (build: (sizes: TileSizes) => Program, wide = false) =>
	memoized((D: number, H: number, kvHeads: number, E: Edge, groups: number) =>
		build({ D, H, kvHeads, W: (H + 2 * kvHeads) * D, E, groups, wide }),
	);
/** Only gradKv may have more than one group. */
export const tilePrograms = {
	forward: programOf(buildForward, true),
	gradQ: programOf(buildGradQ),
	gradKv: programOf(buildGradKv),
};
