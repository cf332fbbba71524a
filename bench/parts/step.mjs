// The part `step`: one step of a small seeded model, computed by every engine.
import { LOSSES, LOSS_TOLERANCE } from '../workloads/problem.ts';
import { measureRounds, present, withEqualLosses } from '../node/rounds.mjs';
import { median } from '../node/stats.mjs';
import { AIM_HEAD, aimRow, inMegabytes, inSeconds, table, times } from '../node/table.mjs';
import { ofOurs, openContenders, secondsOf, TITLES, trainingTable } from '../node/training.mjs';

/** @typedef {import('../node/context.mjs').Context} Context */
/** @typedef {import('../node/rounds.mjs').Measured} Measured */
/** @typedef {import('../page/ours.ts').OursReport} OursReport */

const ROUNDS = 8;
/** The page's code reaches its full speed after a few steps. */
const WARM_UP = 6;
const ENGINES = /** @type {const} */ (['ours', 'jaxWebgpu', 'tfjsStock', 'oursWasm', 'jaxWasm', 'tfjsWasm']);
/** Stock ops on WebGPU take three times as long as the rest together, so they skip every second round. */
const EVERY = { tfjsStock: 2 };
/** One layer less than the problem has; the difference is the cost of a layer. */
const FEWER_LAYERS = 3;
const HOW =
	'd = 128, 4 layers, ffn 384, vocabulary 512, 8 pairs × 64 tokens per side (24 of them the prompt), LoRA of rank 8 on all ' +
	'seven projections, APO-zero, AdamW; weights and data from one seed. All losses must agree to 5e-4 before any time is ' +
	'measured. The engines take turns, one step each per round, each in its own process. “Wall” and “CPU” give the ratio to ' +
	'ours, from the medians of the rounds that both took part in. Our first step includes the time to compile pipelines: once ' +
	'from nothing, and once after the app’s compilation during sampling.';

/** @type {import('../node/context.mjs').Part} */
export const step = {
	id: 'step',
	title: 'A training step',
	async run(context) {
		const { contenders, withoutTorch } = await openContenders(context, 'step', ENGINES, EVERY);
		const rounds = context.options.steps ?? ROUNDS;
		const all = await measureRounds(contenders, { warmUp: WARM_UP, rounds }, context.say);
		const { measured, leftOut } = withEqualLosses(all, LOSSES, LOSS_TOLERANCE);
		const aheadSeconds = await firstAhead(context);
		const dispatchesPerLayer = await countLayer(context, reportsOf(measured));
		const text = [
			context.heading(this.title, HOW),
			trainingTable(measured, { head: 'first step, s', cell: (it) => inSeconds(firstSeconds(it)) }),
			...leftOut,
			withoutTorch ?? '',
			aims(measured, dispatchesPerLayer, aheadSeconds),
			`Ours holds ${inMegabytes(Math.max(...reportsOf(measured).map(({ peakBytes }) => peakBytes)))} at the peak of a step.`,
		];
		return {
			text: text.filter(Boolean).join('\n\n'),
			numbers: {
				step: secondsOf(measured),
				dispatchesPerLayer,
				submitsPerStep: reportsOf(measured)[0]?.submits ?? null,
			},
		};
	},
};

/** @param {Record<string, Measured>} measured @returns {OursReport[]} of our engine on WebGPU, by round */
const reportsOf = (measured) => measured['ours']?.reports ?? [];

/** @param {Measured} measured the reports of peers are null */
const firstSeconds = ({ firstMs, reports }) => (firstMs + (reports[0]?.compileMs ?? 0)) / 1000;

/** Seconds of a run's first step if its programs were compiled beforehand. @param {Context} context */
async function firstAhead(context) {
	context.say('a first step with programs compiled ahead');
	const engine = await context.openEngine({ engine: 'ours', workload: 'step', ahead: true });
	const { ms } = await engine.step();
	const { compileMs } = await engine.report();
	await engine.close();
	return (ms + compileMs) / 1000;
}

/** @param {Context} context @param {OursReport[]} reports @returns {Promise<number>} */
async function countLayer(context, reports) {
	context.say(`counting the dispatches of ${FEWER_LAYERS} layers`);
	const fewer = await context.openEngine({ engine: 'ours', workload: 'step', layers: FEWER_LAYERS });
	await fewer.step();
	const report = await fewer.report();
	await fewer.close();
	return (reports[0]?.dispatches ?? NaN) - report.dispatches;
}

/** @param {Record<string, Measured>} measured @param {number} dispatchesPerLayer @param {number} aheadSeconds */
function aims(measured, dispatchesPerLayer, aheadSeconds) {
	const ratio = (/** @type {keyof typeof TITLES} */ key, /** @type {number} */ least) =>
		/** @type {const} */ (['wall', 'cpu']).map((what) => {
			const value = ofOurs(measured, key, what);
			const name = what === 'wall' ? 'wall' : 'CPU-seconds';
			return aimRow(`against ${TITLES[key]}, ${name}`, `≥ ${least}×`, times(value), value >= least);
		});
	const reports = reportsOf(measured);
	const host = median(reports.map(({ hostMs }) => hostMs));
	const submits = Math.max(...reports.map((report) => report.submits));
	const ours = measured['ours'];
	const later = median(present(ours?.wall ?? []));
	const first = ours === undefined ? NaN : firstSeconds(ours) / later;
	const ahead = aheadSeconds / later;
	const wasm = median(present(measured['oursWasm']?.wall ?? []));
	const [jaxWasm, stockWasm] = [ofOurs(measured, 'jaxWasm', 'wall'), ofOurs(measured, 'tfjsWasm', 'wall')];
	return table(AIM_HEAD, [
		...ratio('tfjsStock', 20),
		...ratio('jaxWebgpu', 4),
		aimRow(
			'dispatches per layer, forward and backward',
			'≤ 37',
			String(dispatchesPerLayer),
			dispatchesPerLayer <= 37,
		),
		aimRow('submits per step', '1', String(submits), submits === 1),
		aimRow('host time per step', '≤ 5 ms', `${host.toFixed(1)} ms`, host <= 5),
		aimRow('first step against later ones, nothing compiled before', '≤ 3×', times(first), first <= 3),
		aimRow('first step against later ones, compiled while sampling', '≤ 3×', times(ahead), ahead <= 3),
		aimRow('without WebGPU (wasm), on this machine', '≤ 0.5 s', `${inSeconds(wasm)} s`, wasm <= 0.5),
		aimRow(
			'the same as a ratio to stock tfjs wasm (0.94 s on the machine of the aim)',
			'≥ 1.88×',
			times(stockWasm),
			stockWasm >= 0.94 / 0.5,
		),
		aimRow('against jax-js wasm, wall', 'faster if possible', times(jaxWasm), jaxWasm > 1),
	]);
}
