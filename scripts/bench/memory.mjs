// The part `memory`: device memory as it was announced before a run and as it came.
import { inMegabytes, table } from './table.mjs';

/** Of the peak: how far the announced memory may be from it. */
const TOLERANCE = 0.15;
const HOW =
	'Device memory of runs: what the plan announces before the start, and the highest that the pool of GPU buffers then held. ' +
	`Aim: within ${100 * TOLERANCE}%.`;

/** @type {import('./context.mjs').Part} */
export const memory = {
	id: 'memory',
	title: 'Memory as announced',
	async run(context) {
		const { page } = await context.openPage();
		context.say('runs of several shapes');
		const { estimatedBytes, peakBytes, cases } = await page.evaluate(() => globalThis.bench.measureMemory());
		const rows = cases.map((it) => {
			const off = it.estimatedBytes / it.peakBytes - 1;
			const percent = `${off < 0 ? '−' : '+'}${Math.abs(100 * off).toFixed(1)}%`;
			const reached = Math.abs(off) <= TOLERANCE ? 'yes' : 'no';
			return [it.name, inMegabytes(it.estimatedBytes), inMegabytes(it.peakBytes), percent, reached];
		});
		return {
			text: [
				context.heading(this.title, HOW),
				table(['run', 'announced', 'peak', 'announced against peak', 'reached'], rows),
			].join('\n\n'),
			numbers: { peakBytes, estimatedBytes, memory: cases },
		};
	},
};
