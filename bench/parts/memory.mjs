// The part `memory`: device memory as estimated before a run and as measured.
import { inMegabytes, inSeconds, table } from '../node/table.mjs';

/** Tolerated error of the estimate, as a share of the peak. */
const TOLERANCE = 0.15;
const HOW =
	'Device memory of runs: the estimate before the start, and the measured peak of the pool of GPU buffers. Aim: within ' +
	`${100 * TOLERANCE}%.`;

/** @type {import('../node/context.mjs').Part} */
export const memory = {
	id: 'memory',
	title: 'Memory against the estimate',
	async run(context) {
		const { page } = await context.openPage();
		context.say('runs of several shapes');
		const counts = await page.evaluate(() => globalThis.bench.measureMemory());
		const { estimatedBytes, peakBytes, cases } = counts;
		const rows = cases.map((it) => {
			const off = it.estimatedBytes / it.peakBytes - 1;
			const percent = `${off < 0 ? '−' : '+'}${Math.abs(100 * off).toFixed(1)}%`;
			const reached = Math.abs(off) <= TOLERANCE ? 'yes' : 'no';
			const seconds = inSeconds(it.secondsAStep);
			return [it.name, inMegabytes(it.estimatedBytes), inMegabytes(it.peakBytes), percent, reached, seconds];
		});
		return {
			text: [
				context.heading(this.title, HOW),
				table(['run', 'estimate', 'peak', 'estimate against peak', 'reached', 's per step'], rows),
				`Estimates for models of published shapes, weights in f32, ${counts.rows} packed rows per step:`,
				table(
					['model', 'weights alone', 'keep', 'lean', 'recompute'],
					counts.planned.map(({ name, weightBytes, estimates: { keep, lean, recompute } }) => [
						name,
						...[weightBytes, keep, lean, recompute].map((bytes) => inMegabytes(bytes ?? NaN)),
					]),
				),
			].join('\n\n'),
			numbers: { peakBytes, estimatedBytes, memory: cases },
		};
	},
};
