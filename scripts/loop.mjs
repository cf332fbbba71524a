// npm run loop [-- recipe.json] [-- options]: the whole loop in headless Chromium, with the real engines. A recipe may leave out what is
// as in the default recipe: {"objective": {"id": "dpo", "beta": 0.1}, "training": {"steps": 50}}.
// Progress goes to stderr; stdout ends with one line of JSON. Builds the page first if its sources are newer
// than dist (or than ANCHORAGE_DIST).
//
//   --model PLACE   the run's model: a GGUF file, a folder, a repository's name on the hub, or an address
//   --begin FILE    begins from the adapter of a saved run, merged as the new reference
//   --set FILE      trains on the pairs of a file, such as an exported set, in place of pairs that the run makes
//   --no-webgpu     runs on the processor; without a GPU this is faster than a WebGPU in software
//   --credit        also measures the share of token credit on edited tokens, for the report
//   --judge         also asks the recipe's judge for the win rate of the tuned model; kept in the file of --save too
//   --save FILE     writes the whole run to a file that the page's Shelf opens: my.run.json.gz
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readArguments } from './arguments.mjs';
import { openPage, placeOf, say, withServer } from './headless-page.mjs';
import { runScript } from './install.mjs';
import { readRecipeFile } from './recipe-file.mjs';

/** @typedef {{ model?: string, begin?: string, set?: string, save?: string, credit?: boolean, judge?: boolean, 'no-webgpu'?: boolean }} Values */
const OPTIONS = /** @type {const} */ ({
	model: { type: 'string' },
	begin: { type: 'string' },
	set: { type: 'string' },
	save: { type: 'string' },
	credit: { type: 'boolean' },
	judge: { type: 'boolean' },
	'no-webgpu': { type: 'boolean' },
});

/** @param {string} path @returns {{ name: string, bytes: string }} */
function fileOf(path) {
	if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
	return { name: basename(path), bytes: readFileSync(path).toString('base64') };
}

/**
 * @param {unknown} recipe @param {string} url @param {Values} values
 * @returns {Promise<{ report?: unknown, error?: { message: string, hint: string } }>}
 */
async function runInChromium(recipe, url, values) {
	const { model, begin, set, save: file, credit = false, judge = false } = values;
	const { page, crashed, close } = await openPage(url, { webgpu: values['no-webgpu'] !== true });
	try {
		const place = model === undefined ? null : await placeOf(page, model);
		const run = page.evaluate(
			(job) => /** @type {any} */ (globalThis).runLoop(job),
			/** @type {any} */ ({
				...{ recipe, place, credit, judge },
				begin: begin === undefined ? null : fileOf(begin),
				set: set === undefined ? null : fileOf(set),
			}),
		);
		const result = await Promise.race([run, crashed]);
		if (file !== undefined && result.report !== undefined) {
			writeFileSync(file, Buffer.from(String(await page.evaluate('globalThis.packRun()')), 'base64'));
			say(`The run is in ${file}.`);
		}
		return result;
	} finally {
		await close();
	}
}

async function main() {
	const { values, positionals } = readArguments('loop', OPTIONS);
	const [file] = positionals;
	const given = file === undefined ? null : await readRecipeFile(file);
	const filled = given?.filled ?? [];
	if (filled.length > 0) {
		const { filledSentence } = await import('../src/core/recipe/complete.ts');
		say(filledSentence(basename(String(file)), filled));
	}
	await withServer(async (url) => {
		const { report, error } = await runInChromium(given?.recipe ?? null, url, values);
		if (error !== undefined) throw new Error([error.message, error.hint].filter(Boolean).join('\n'));
		// `filled`: fields of the recipe that the file leaves out.
		process.stdout.write(
			`${JSON.stringify(filled.length === 0 ? report : { .../** @type {object} */ (report), filled })}\n`,
		);
	});
}

await runScript(import.meta.url, main);
