import { expect, test } from 'vitest';
import { at } from '#core/math/at.ts';
import { sampleTokensReference } from '#engine/kernels/sampleTokens/sampleTokens.reference.ts';
import { sampleTokens, type SampleState } from '#engine/kernels/sampleTokens/sampleTokens.ts';
import { readIntsNow } from '#engine/memory.ts';
import { tensor2d, type Tensor2D } from '#engine/tensor.ts';
import { f32, i32, onEachBackend } from '#tests/support/backends.ts';
import { integers, normals } from '#tests/support/tensors.ts';

/**
 * A row to sample from, and a draw well inside a token's range, so that rounding cannot move it to a
 * neighbour.
 */
interface Row {
	logits: Float64Array;
	temperature: number;
	topP: number;
	draw: number;
}

/** Weights and their ids, sorted by falling weight as for top-p, or by id. */
function ordered(
	logits: Float64Array,
	temperature: number,
	byWeight: boolean,
): { id: number; weight: number }[] {
	const most = Math.max(...logits);
	const list = [...logits].map((z, id) => ({ id, weight: Math.exp((z - most) / temperature) }));
	return byWeight ? list.sort((a, b) => b.weight - a.weight || a.id - b.id) : list;
}

/**
 * A row whose draw is in the middle of the `pick`-th token among those heavy enough to be hit safely.
 *
 * @param share share of the tokens that top-p keeps; 1 keeps all. The edge is in the middle of the last kept
 *   token
 */
function rowOf(logits: Float64Array, temperature: number, share: number, pick: number): Row {
	const list = ordered(logits, temperature === 0 ? 1 : temperature, share < 1);
	const total = list.reduce((sum, { weight }) => sum + weight, 0);
	const kept = list.slice(0, Math.max(1, Math.ceil(share * list.length)));
	const mass = kept.reduce((sum, { weight }) => sum + weight, 0);
	const topP = share < 1 ? (mass - at(kept, kept.length - 1).weight / 2) / total : 1;
	let before = 0;
	const middles: number[] = [];
	for (const { weight } of kept) {
		if (weight / mass > 1e-4) middles.push((before + weight / 2) / mass);
		before += weight;
	}
	return { logits, temperature, topP, draw: Math.fround(at(middles, pick % middles.length)) };
}

/** State for `steps` steps; rows start at position 10, 11, … */
function stateOf(rows: readonly Row[], steps: number): SampleState {
	const settings = rows.flatMap(({ temperature, topP }) => [temperature, topP]);
	const draws = Array.from({ length: steps }, () => rows.map(({ draw }) => draw)).flat();
	const history: Tensor2D = tensor2d(
		new Int32Array(steps * rows.length).fill(-7),
		[steps, rows.length],
		'int32',
	);
	return {
		ids: i32(rows.map(() => -1)),
		positions: i32(rows.map((_, i) => 10 + i)),
		settings: f32(settings, rows.length, 2),
		draws: f32(draws, steps, rows.length),
		history,
	};
}

const logitsOf = (rows: readonly Row[], V: number): Tensor2D =>
	f32(
		rows.flatMap(({ logits }) => [...logits]),
		rows.length,
		V,
	);

function wantedOf(rows: readonly Row[], V: number): number[] {
	return sampleTokensReference(
		Float64Array.from(rows.flatMap(({ logits }) => [...logits])),
		V,
		rows.flatMap(({ temperature, topP }) => [temperature, topP]),
		rows.map(({ draw }) => draw),
	);
}

async function sampled(rows: readonly Row[], V: number): Promise<number[]> {
	const state = stateOf(rows, 1);
	sampleTokens(logitsOf(rows, V), state, 0);
	return [...(await readIntsNow(state.ids))];
}

// Vocabularies of one token, around the threads of a row, no multiple of 4, and large enough for more threads
// per row.
const VOCABULARIES = [1, 3, 63, 64, 65, 510, 1024, 16_387];

onEachBackend('sampleTokens', () => {
	test.each(VOCABULARIES)('the same draws give the reference’s ids, %i tokens', async (V) => {
		const rows = Array.from({ length: 24 }, (_, i) => {
			const logits = normals(V, 100 + i, 3);
			const share = [1, 0.5, 0.02, 1][i % 4] ?? 1;
			return rowOf(logits, [1, 0.7, 1.5, 0][(i >> 2) % 4] ?? 1, share, 7 * i);
		});
		expect(await sampled(rows, V)).toEqual(wantedOf(rows, V));
	});

	test('equal logits are told apart by their place', async () => {
		const V = 130;
		const rows = Array.from({ length: 32 }, (_, i) => {
			const logits = Float64Array.from(integers(V, 3, 7 + i));
			return rowOf(logits, 1, [1, 0.6, 0.2][i % 3] ?? 1, 5 * i);
		});
		expect(await sampled(rows, V)).toEqual(wantedOf(rows, V));
		// All weights are equal, and only a few are kept.
		const flat = Array.from({ length: 12 }, (_, i) => rowOf(new Float64Array(V), 1, 0.1, i));
		expect(await sampled(flat, V)).toEqual(wantedOf(flat, V));
		expect(Math.max(...wantedOf(flat, V))).toBeGreaterThan(5);
	});

	test('a tiny top-p is greedy, and draws at both ends stay among the tokens', async () => {
		const V = 333;
		const logits = normals(V, 9, 2);
		const best = logits.indexOf(Math.max(...logits));
		const tiny = [0, 0.5, 1 - 2 ** -24].map((draw) => ({ logits, temperature: 1, topP: 1e-7, draw }));
		expect(await sampled(tiny, V)).toEqual([best, best, best]);
		const ends = [0, 1 - 2 ** -24].map((draw) => ({ logits, temperature: 1, topP: 1, draw }));
		expect(await sampled(ends, V)).toEqual([0, V - 1]);
		// The last token's weight is too small for f32: a draw at the end takes the last token with a weight.
		const steep = Float64Array.from(logits);
		steep[V - 1] = -1e4;
		const [last] = await sampled([{ logits: steep, temperature: 1, topP: 1, draw: 1 - 2 ** -24 }], V);
		expect(last).toBe(V - 2);
	});

	test('logits of large magnitude and low temperatures overflow nowhere', async () => {
		const V = 100;
		const logits = normals(V, 11, 1e4);
		const rows = [0.01, 1, 2].map((temperature) => rowOf(logits, temperature, 1, 0));
		const best = logits.indexOf(Math.max(...logits));
		expect(await sampled(rows, V)).toEqual([best, best, best]);
	});

	test('positions advance and the history has a row a step', async () => {
		const V = 70;
		const rows = [0, 1].map((i) => rowOf(normals(V, 20 + i, 2), 1, 1, i));
		const state = stateOf(rows, 3);
		for (const step of [0, 2]) sampleTokens(logitsOf(rows, V), state, step);
		const wanted = wantedOf(rows, V);
		expect([...(await readIntsNow(state.positions))]).toEqual([12, 13]);
		expect([...(await readIntsNow(state.history))]).toEqual([...wanted, -7, -7, ...wanted]);
		expect(() => sampleTokens(logitsOf(rows, V), state, 3)).toThrow('draws');
	});

	test('ids come as often as the softmax says', async () => {
		const [V, B] = [5, 400];
		const logits = Float64Array.of(2, 1, 0, -1, 3);
		const uniform = (i: number): number => Math.fround((i + 0.5) / B);
		const rows = Array.from({ length: B }, (_, i) => ({ logits, temperature: 1, topP: 1, draw: uniform(i) }));
		const ids = await sampled(rows, V);
		const weights = [...logits].map(Math.exp);
		const total = weights.reduce((sum, w) => sum + w, 0);
		// Evenly spaced draws: each share is off by at most one row at either end.
		weights.forEach((w, id) => {
			expect(Math.abs(ids.filter((one) => one === id).length - (B * w) / total)).toBeLessThanOrEqual(1);
		});
	});
});
