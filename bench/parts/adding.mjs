// The part `adding`: memory of the page while a model is added and loaded.
import { peakWhile } from '../node/memoryOf.mjs';
import { serveModel } from '../node/modelServer.mjs';
import { AIM_HEAD, aimRow, inMegabytes, table } from '../node/table.mjs';

/** Files of the model, each of the size of a shard. */
const LAYERS = 10;
/** Shards above the start. */
const AIM = 2;
const HOW =
	'A model of several files of safetensors on a local server is downloaded, converted, kept, and loaded into the compute worker. Memory of ' +
	'the page’s process and its workers, as Linux counts it (PSS), sampled every 25 ms; weights on the device are in another process.';

/** @type {import('../node/context.mjs').Part} */
export const adding = {
	id: 'adding',
	title: 'Memory while a model is added',
	async run(context) {
		const { page, pid } = await context.openPage();
		const model = await serveModel(context.resources, context.options.steps ?? LAYERS);
		context.say(`a model of ${inMegabytes(model.bytes)}`);
		await page.evaluate(() => globalThis.bench.openAdding());
		const added = await peakWhile(pid, () =>
			page.evaluate((it) => globalThis.bench.addModel(it), model.address),
		);
		context.say('loading it');
		const loaded = await peakWhile(pid, () => page.evaluate(() => globalThis.bench.loadModel()));
		const parts = { 'download and conversion': added, 'loading into the compute worker': loaded };
		const rows = Object.entries(parts).map(([name, { before, peak }]) => {
			const shards = (peak - before) / model.shardBytes;
			return aimRow(
				name,
				`≤ ${AIM} shards`,
				`${inMegabytes(peak - before)}, ${shards.toFixed(1)} shards, above ${inMegabytes(before)}`,
				shards <= AIM,
			);
		});
		const sizes = `The model has ${inMegabytes(model.bytes)}, a shard ${inMegabytes(model.shardBytes)}.`;
		return {
			text: [context.heading(this.title, HOW), sizes, table(AIM_HEAD, rows)].join('\n\n'),
			numbers: { adding: { model, added, loaded } },
		};
	},
};
