// The part `recipe`: the step of the default recipe on the embedded model, as the page trains it.
import { DEFAULT_RECIPE } from '../../src/core/recipe/recipe.ts';
import { tokensOf } from '../workloads/workload.ts';
import { nodeWorkload } from '../workloads/nodeWorkloads.ts';
import { ROOT } from '../../scripts/install.mjs';
import { measureRounds, present, withEqualLosses } from '../node/rounds.mjs';
import { median, pairedRatio } from '../node/stats.mjs';
import { AIM_HEAD, aimRow, table, times } from '../node/table.mjs';
import { openContenders, secondsOf, trainingTable } from '../node/training.mjs';

/** @typedef {import('../node/rounds.mjs').Measured} Measured */

const ROUNDS = 8;
const LOSS_TOLERANCE = 5e-4;
/** Steps whose losses are compared; in later steps AdamW amplifies rounding, so engines differ. */
const CHECKED_STEPS = 6;
const HOW =
	`The embedded model with its own weights and the default recipe: ${DEFAULT_RECIPE.training.batchPairs} pairs per step, ` +
	`rank ${DEFAULT_RECIPE.lora.rank} on all seven projections, clipping, schedule. Four batches in turn; the answers ` +
	'are like those that the model learned, corrected by the embedded reviser. For every engine, tokens are counted as TRL ' +
	'counts them (both sides with their prompt, no padding). The losses of all engines in the table agree to 5e-4.';

/** @type {import('../node/context.mjs').Part} */
export const recipe = {
	id: 'recipe',
	title: 'The default recipe on the embedded model',
	async run(context) {
		const { batches } = await nodeWorkload('recipe', ROOT);
		const tokens = batches.map(tokensOf);
		const { contenders, withoutTorch } = await openContenders(context, 'recipe', [
			'ours',
			'tfjsStock',
			'oursWasm',
			'tfjsWasm',
		]);
		const warmUp = batches.length;
		const rounds = context.options.steps ?? ROUNDS;
		const all = await measureRounds(contenders, { warmUp, rounds }, context.say);
		// torch is independent of all our code; if it is missing, stock ops give the expected losses.
		const expected = (all['torch'] ?? all['tfjsWasm'])?.losses.slice(0, CHECKED_STEPS) ?? [];
		const { measured, leftOut } = withEqualLosses(all, expected, LOSS_TOLERANCE);
		const rate = (/** @type {Measured} */ it) => tokensPerSecond(it, tokens);
		return {
			text: [
				context.heading(this.title, HOW),
				trainingTable(measured, { head: 'tokens/s', cell: (it) => rate(it).toFixed(0) }),
				...leftOut,
				withoutTorch ?? '',
				aims(measured),
			]
				.filter(Boolean)
				.join('\n\n'),
			numbers: { recipe: withRates(secondsOf(measured), measured, rate) },
		};
	},
};

/**
 * Median over the rounds of a batch's tokens per second. @param {Measured} measured @param {number[]} tokens
 * by batch
 */
function tokensPerSecond({ wall }, tokens) {
	const rates = wall.map((seconds, round) =>
		seconds === null ? null : (tokens[round % tokens.length] ?? NaN) / seconds,
	);
	return median(present(rates));
}

/**
 * @param {Record<string, { wall: number, cpu: number }>} seconds
 * @param {Record<string, Measured>} measured
 * @param {(measured: Measured) => number} rate
 */
function withRates(seconds, measured, rate) {
	return Object.fromEntries(
		Object.entries(measured).map(([key, it]) => [key, { ...seconds[key], tokensPerSecond: rate(it) }]),
	);
}

/** @param {Record<string, Measured>} measured */
function aims(measured) {
	const ratio = (/** @type {string} */ theirs, /** @type {string} */ ours) =>
		times(pairedRatio(measured[theirs]?.wall ?? [], measured[ours]?.wall ?? []));
	return table(AIM_HEAD, [
		aimRow(
			'ours on webgpu, against torch + PEFT on the same processor',
			'none',
			ratio('torch', 'ours'),
			null,
		),
		aimRow(
			'ours on wasm, against torch + PEFT on the same processor',
			'none',
			ratio('torch', 'oursWasm'),
			null,
		),
		aimRow('ours on webgpu, against stock ops', 'none', ratio('tfjsStock', 'ours'), null),
		aimRow('ours on wasm, against stock ops', 'none', ratio('tfjsWasm', 'oursWasm'), null),
	]);
}
