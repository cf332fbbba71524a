// The part `adding`: memory of the page while a model is added and loaded.
import { coursesWhile } from '../node/memoryOf.mjs';
import { serveModel } from '../node/modelServer.mjs';
import { AIM_HEAD, aimRow, inMegabytes, table } from '../node/table.mjs';

/** Files of the model, each of the size of a shard. */
const LAYERS = 10;
/** Shards above the start. */
const AIM = 2;
const HOW =
	'A model of several files of safetensors on a local server is downloaded, converted, kept, and loaded into the compute worker. Memory ' +
	'as Linux counts it (PSS), sampled every 25 ms, above that before each part. The page’s process has the page and its workers. ' +
	'The weights on the device are in the process of the graphics device, because SwiftShader computes in main memory; the browser’s ' +
	'other processes store and send the files. The tokenizer of this model has 8 words.';

/** @typedef {import('../node/memoryOf.mjs').Course} Course */

/** @param {Course} course @param {number} shardBytes */
function above({ before, peak }, shardBytes) {
	const shards = (peak - before) / shardBytes;
	const text = `${inMegabytes(peak - before)}, ${shards.toFixed(1)} shards, above ${inMegabytes(before)}`;
	return { shards, text };
}

/** @type {import('../node/context.mjs').Part} */
export const adding = {
	id: 'adding',
	title: 'Memory while a model is added',
	async run(context) {
		const { page, pid } = await context.openPage();
		const model = await serveModel(context.resources, context.options.steps ?? LAYERS);
		context.say(`a model of ${inMegabytes(model.bytes)}`);
		await page.evaluate(() => globalThis.bench.openAdding());
		const added = await coursesWhile(pid, () =>
			page.evaluate((it) => globalThis.bench.addModel(it), model.address),
		);
		context.say('loading it');
		const loaded = await coursesWhile(pid, () => page.evaluate(() => globalThis.bench.loadModel()));
		const parts = { 'download and conversion': added, 'loading into the compute worker': loaded };
		const rows = Object.entries(parts).map(([name, { page: course }]) => {
			const { shards, text } = above(course, model.shardBytes);
			return aimRow(name, `≤ ${AIM} shards`, text, shards <= AIM);
		});
		const others = Object.entries(parts).flatMap(([name, { graphics, browser }]) => [
			aimRow(`${name}: graphics process`, 'none', above(graphics, model.shardBytes).text, null),
			aimRow(`${name}: other processes`, 'none', above(browser, model.shardBytes).text, null),
		]);
		const sizes = `The model has ${inMegabytes(model.bytes)}, a shard ${inMegabytes(model.shardBytes)}.`;
		return {
			text: [context.heading(this.title, HOW), sizes, table(AIM_HEAD, [...rows, ...others])].join('\n\n'),
			numbers: { adding: { model, added, loaded } },
		};
	},
};
