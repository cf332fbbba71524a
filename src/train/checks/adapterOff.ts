/**
 * Adapter off equals base: the log-probabilities with an adapter at strength 0, and those after an adapter was on, are the base's, bit
 * for bit. Strength 0 multiplies the adapter's part by 0, and adding 0 rounds nothing.
 */
import type { AdapterOffOutcome } from '#core/checks/check.ts';
import { at } from '#core/math/at.ts';
import { batchOf, mark, withParams, type CheckBench } from './bench.ts';
import { randomParams } from './randomParams.ts';

const PAIRS = 4;
const PASSES = 4;

export async function checkAdapterOff(bench: CheckBench): Promise<AdapterOffOutcome> {
	const { runner, lora } = bench;
	const params = randomParams(lora, 1);
	await mark(bench, 0, PASSES);
	const { packed, reference } = await batchOf(bench, PAIRS);
	const logps = (strength: number): Promise<Float32Array> =>
		withParams(bench, params, (binding) => runner.logps(packed, binding), strength);
	await mark(bench, 1, PASSES);
	const on = await logps(1);
	await mark(bench, 2, PASSES);
	const off = await logps(0);
	await mark(bench, 3, PASSES);
	const after = await runner.logps(packed, null);
	const differences = [...differencesOf(off, reference), ...differencesOf(after, reference)];
	const differing = differences.filter((difference) => difference !== 0).length;
	const moved = Math.max(...differencesOf(on, reference));
	return {
		check: 'adapter-off',
		pairs: Math.min(PAIRS, bench.pairs.length),
		passed: differing === 0 && moved > 0,
		differing,
		completions: differences.length,
		largest: Math.max(...differences),
		moved,
	};
}

/** NaN differs from everything, itself included. */
function differencesOf(a: Float32Array, b: Float32Array): number[] {
	return [...a].map((value, i) =>
		Object.is(value, at(b, i)) && !Number.isNaN(value) ? 0 : Math.abs(value - at(b, i)),
	);
}
