// The part `generation`: tokens per second when answering the same prompts, our engine's batches against
// WebLLM.
import { cpuSeconds } from '../node/cpu.mjs';
import { median, pairedRatio, spread } from '../node/stats.mjs';
import { AIM_HEAD, aimRow, table, times } from '../node/table.mjs';

/** @typedef {import('../page/generation.ts').GenerationWay} Way */
/**
 * @typedef {{ rate: number[], cpuRate: number[] }} Measured tokens per second and per CPU-second, by round
 */

const ROUNDS = 5;
/** @type {Record<Way, string>} */
const TITLES = {
	ours32: 'Anchorage, 32 prompts in one batch',
	ours1: 'Anchorage, one prompt after the other',
	webllm: 'WebLLM, one prompt after the other',
};
const WAYS = /** @type {Way[]} */ (Object.keys(TITLES));
const HOW =
	'The embedded model with an adapter answers 32 held-out prompts of the world, with the default recipe’s sampling. Both ' +
	'engines run as in the app, each in its worker. Greedy answers must agree token for token before any time is measured; the ' +
	'engines take turns. Only generated tokens count.';

/** @type {import('../node/context.mjs').Part} */
export const generation = {
	id: 'generation',
	title: 'Answering',
	async run(context) {
		const { page, pid } = await context.openPage();
		context.say('loading both engines, comparing their answers');
		await page.evaluate(() => globalThis.bench.openGeneration());
		const empty = () => /** @type {Measured} */ ({ rate: [], cpuRate: [] });
		const measured = { ours32: empty(), ours1: empty(), webllm: empty() };
		const rounds = context.options.steps ?? ROUNDS;
		for (let round = 0; round < rounds; round++) {
			context.say(`round ${round + 1} of ${rounds}`);
			for (const way of WAYS) {
				const before = cpuSeconds(pid);
				const { tokens, ms } = await page.evaluate((it) => globalThis.bench.generate(it), way);
				const after = cpuSeconds(pid);
				measured[way].rate.push(tokens / (ms / 1000));
				measured[way].cpuRate.push(before === null || after === null ? NaN : tokens / (after - before));
			}
		}
		const rates = Object.fromEntries(WAYS.map((way) => [way, median(measured[way].rate)]));
		const text = [context.heading(this.title, HOW), rateTable(measured), aims(measured)];
		return { text: text.join('\n\n'), numbers: { generation: rates } };
	},
};

/** @param {Record<Way, Measured>} measured */
function rateTable(measured) {
	const rows = WAYS.map((way) => {
		const { rate, cpuRate } = measured[way];
		const { least, most } = spread(rate);
		const range = `${least.toFixed(0)}–${most.toFixed(0)}`;
		return [TITLES[way], median(rate).toFixed(0), range, median(cpuRate).toFixed(0), ofWebLlm(measured, way)];
	});
	return table(['engine', 'tokens/s (median)', 'spread', 'tokens per CPU-s', 'of WebLLM’s'], rows);
}

/** @param {Record<Way, Measured>} measured @param {Way} way */
const ofWebLlm = (measured, way) => times(pairedRatio(measured[way].rate, measured.webllm.rate));

/** @param {Record<Way, Measured>} measured */
function aims(measured) {
	const ratio = pairedRatio(measured.ours32.rate, measured.webllm.rate);
	return table(AIM_HEAD, [
		aimRow('a batch of 32, against WebLLM one prompt after the other', '≥ 5×', times(ratio), ratio >= 5),
		aimRow('one prompt after the other, against WebLLM', 'none', ofWebLlm(measured, 'ours1'), null),
	]);
}
