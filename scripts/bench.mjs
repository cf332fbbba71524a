// npm run bench [-- PART…]: measures Anchorage and its peers in one run on this machine and writes
// docs/benchmarks.md. Progress and tables go to stderr; with --json stdout ends with one line of JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from '../bench/node/args.mjs';
import { jsonLine, replaceSection } from '../bench/node/report.mjs';
import { ROOT, runScript } from './install.mjs';

const DOCUMENT = join(ROOT, 'docs', 'benchmarks.md');

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/** @param {import('../bench/node/context.mjs').Part} part @param {import('../bench/node/context.mjs').Context} context */
async function perform(part, context) {
	say(`== ${part.id}: ${part.title}`);
	const begin = performance.now();
	await context.nextPart();
	const { text, numbers, record = true } = await part.run(context);
	say(`\n${text}\n\n== ${part.id}: ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
	// Written after each part, so that its results survive if a later part fails.
	if (record) writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), part.id, text));
	return numbers;
}

async function main() {
	const { PARTS } = await import('../bench/node/parts.mjs');
	const { Context } = await import('../bench/node/context.mjs');
	const ids = PARTS.map(({ id }) => id);
	const options = parseArgs(process.argv.slice(2), ids);
	const context = new Context(options);
	let stopped = false;
	const stop = () => {
		stopped = true;
		// The running part now fails; main() reports only that it was stopped.
		void context.close();
	};
	process.on('SIGINT', stop).on('SIGTERM', stop);
	const numbers = {};
	try {
		for (const part of PARTS.filter(({ id }) => options.parts.includes(id)))
			Object.assign(numbers, await perform(part, context));
	} catch (error) {
		if (!stopped) throw error;
		say('Stopped. The results of finished parts are kept.');
		process.exitCode = 130;
		return;
	} finally {
		await context.close();
	}
	const { date, device, allVersions: versions } = context;
	if (options.json) process.stdout.write(`${jsonLine({ ...numbers, date, device, versions })}\n`);
}

await runScript(import.meta.url, main);
