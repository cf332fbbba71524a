// npm run ablate -- GRID [-- options]: the runs of a grid in headless Chromium, several at once on the processor. GRID is a file of JSON
// (docs/grids/lab.json) or one line: "objective: apo_zero, apo_down; beta: 0.1, 1; seed: 1..3".
// Progress goes to stderr; stdout ends with one line of JSON. The folder keeps a browser's profile until all runs are done: --resume goes
// on with a run where it was cut, at its last answer or checkpoint, and a model is not downloaded again.
//
//   --out DIR       folder for results.json, results.csv, report.html, table.md, table.tex and the runs (default: ablation)
//   --resume        goes on in a folder that has runs, also after the script was killed
//   --plan          prints the runs, their time and memory, and runs nothing
//   --model PLACE   the model of all runs: a GGUF file, a folder, a repository's name on the hub, or an address
//   --no-webgpu     runs on the processor; without a GPU this is faster than a WebGPU in software
//   --no-credit     leaves out the share of token credit on edited tokens
//   --at-once N     plays N runs at once, each on a page of its own (default: one per core on the processor, as far as memory allows;
//                   1 with WebGPU). The results do not depend on it.
import { readArguments } from './arguments.mjs';
import { say } from './headless-page.mjs';
import { runScript } from './install.mjs';

const OPTIONS = /** @type {const} */ ({
	out: { type: 'string', default: 'ablation' },
	resume: { type: 'boolean', default: false },
	plan: { type: 'boolean', default: false },
	model: { type: 'string' },
	'no-webgpu': { type: 'boolean', default: false },
	'no-credit': { type: 'boolean', default: false },
	'at-once': { type: 'string' },
});

/**
 * Keeps all work so far; a second signal ends the script at once.
 *
 * @param {{ stopped: boolean, stop: () => Promise<void> }} ablation
 */
function stop(ablation) {
	if (ablation.stopped) process.exit(130);
	say('Stopping. All work so far is kept; --resume goes on.');
	void ablation.stop();
}

async function main() {
	const { values, positionals } = readArguments('ablate', OPTIONS);
	// Both read TypeScript, which only the project's own Node can.
	const { gridOf } = await import('./ablate/grid-file.mjs');
	const { Ablation } = await import('./ablate/ablation.mjs');
	const { lanesAsked } = await import('./ablate/lane-count.mjs');
	const ablation = new Ablation(gridOf(positionals[0]), {
		...values,
		atOnce: lanesAsked(values['at-once']),
		webgpu: !values['no-webgpu'],
		credit: !values['no-credit'],
	});
	for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => stop(ablation));
	const summary = values.plan ? await ablation.plan() : await ablation.run();
	process.stdout.write(`${JSON.stringify(summary)}\n`);
	if (ablation.stopped) process.exitCode = 130;
	else if (summary.failed > 0) process.exitCode = 1;
}

await runScript(import.meta.url, main);
