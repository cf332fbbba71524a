// The part `leak`: growth of a run of 500 steps from near its start to its end.
import { AIM_HEAD, aimRow, table } from '../node/table.mjs';

const STEPS = 500;
/** Shorter runs have no early part to compare with. */
const LEAST_STEPS = 100;
const HOW =
	'A small model on WebGPU trains, answers with the adapter that trains, and writes a checkpoint every 25 steps. The first ' +
	'rows compare the memory held after the last checkpoint with that after the first tenth of the steps; the last two compare ' +
	'the memory after the run with that before it.';

/** @type {import('../node/context.mjs').Part} */
export const leak = {
	id: 'leak',
	title: 'Leaks',
	async run(context) {
		const { page } = await context.openPage();
		const steps = Math.max(LEAST_STEPS, context.options.steps ?? STEPS);
		context.say(`${steps} steps`);
		const report = await page.evaluate((n) => globalThis.bench.measureLeak(n), steps);
		const flat = (/** @type {string} */ what, /** @type {number} */ count, unit = '') =>
			aimRow(what, '0', `${count}${unit}`, count <= 0);
		const rows = [
			flat('more tensors', report.leakTensors),
			flat('more data buffers', report.leakBuffers),
			flat('more bytes of GPU buffers', report.leakBytes, ' B'),
			flat('more uniform buffers', report.leakUniformBuffers),
			flat('more bind groups', report.leakBindGroups),
			flat('tensors left after the run', report.keptTensors),
			flat('bytes left after the run', report.keptBytes, ' B'),
		];
		return {
			text: [context.heading(`${this.title} over ${steps} steps`, HOW), table(AIM_HEAD, rows)].join('\n\n'),
			numbers: { leakBytes: report.leakBytes, leak: report },
		};
	},
};
