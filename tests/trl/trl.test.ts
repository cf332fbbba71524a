/**
 * Exported runs in TRL, on the processor: the metrics of every step are those of the page, with one process and with two, and
 * adapters go from the page to PEFT and back.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	PEFT_CONFIG_FILE,
	PEFT_WEIGHTS_FILE,
	readPeftAdapter,
	writePeftAdapter,
} from '#core/adapter/peft.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { FORMULA, type ObjectiveSettings } from '#core/loss/objectives/settings.ts';
import type { StepMetrics } from '#core/loss/metrics.ts';
import { openDevice, type Device } from '#engine/device.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { goldenDecoder, largestDifference } from '#tests/golden/goldenModel.ts';
import { logitsOf, openLora } from '#tests/golden/modelNumbers.ts';
import { deleteFolders, exportedRun, RECIPE } from './page.ts';
import { compared, python, setting, train, trained } from './python.ts';

const OBJECTIVES: Readonly<Record<string, ObjectiveSettings>> = {
	apo_zero: { id: 'apo_zero', beta: 1 },
	apo_down: { id: 'apo_down', beta: 1 },
	dpo: { id: 'dpo', beta: 0.5 },
	ipo: { id: 'ipo', beta: 0.5 },
	kto: { id: 'kto', beta: 1 },
	sft: { id: 'sft', beta: 1 },
	formula: {
		id: FORMULA,
		beta: 1,
		formula: '1 - sigma(r_w) + sigma(r_l) - alpha*logp_w/mean_len_w',
		parameters: { alpha: 0.2 },
	},
};

/** Metrics that are sums over the tokens of a step, and so have its float noise. */
const NOISY = [
	'loss',
	'rewards/chosen',
	'rewards/rejected',
	'rewards/margins',
	'logps/chosen',
	'logps/rejected',
	'grad_norm',
	'kl',
] as const satisfies (keyof StepMetrics)[];
const EXACT = ['learning_rate', 'num_tokens'] as const satisfies (keyof StepMetrics)[];
/** Relative to the value, or to 1 if it is smaller: float32 at the first step, and what thirty updates make of its noise. */
const AT_FIRST = 1e-5;
const LATER = 1e-4;
/** At the recipe's rate the steps of APO-down grow rounding a thousandfold: TRL's own two runs then differ by 1e-3. */
const APO_DOWN_RATE = 1e-3;

/** @throws AssertionError naming the metric and the step that differ */
function expectSame(page: readonly StepMetrics[], trl: readonly Readonly<Record<string, number>>[]): void {
	expect(trl.map(({ step }) => step)).toEqual(page.map(({ step }) => step));
	for (const [i, here] of page.entries()) {
		for (const name of NOISY) {
			const [a, b] = [here[name], trl[i]?.[name]];
			if (a === undefined) continue;
			const tolerance = (here.step === 1 ? AT_FIRST : LATER) * Math.max(1, Math.abs(a));
			expect(Math.abs(a - (b ?? NaN)), `${name} at step ${here.step}: ${a} here, ${b} in TRL`).toBeLessThan(
				tolerance,
			);
		}
		for (const name of EXACT) expect(trl[i]?.[name]).toBeCloseTo(here[name], 12);
	}
}

afterAll(deleteFolders);

describe.each(Object.entries(OBJECTIVES))('%s', (name, objective) => {
	let page: readonly StepMetrics[];
	let folder: string;

	beforeAll(async () => {
		const learningRate = name === 'apo_down' ? APO_DOWN_RATE : RECIPE.optimiser.learningRate;
		const optimiser = { ...RECIPE.optimiser, learningRate };
		const run = await exportedRun({ ...RECIPE, objective, optimiser } as Recipe);
		[page, folder] = [run.metrics, run.folder];
	});

	test.each([1, 2])('the metrics of thirty steps, processes: %i', (processes) => {
		train(folder, processes);
		console.info(`${name}, processes: ${processes}\n${compared(folder)}`);
		const { steps, rowsAtOnce } = trained(folder);
		// Two rows a pair for KTO.
		const rows = RECIPE.training.batchPairs * (name === 'kto' ? 2 : 1);
		expect(rowsAtOnce * processes).toBe(rows);
		expectSame(page, steps);
	});
});

test('a second round with accumulation, on answers that were cut, has the metrics of the page', async () => {
	const recipe: Recipe = {
		...RECIPE,
		sampling: { ...RECIPE.sampling, maxTokens: 9 },
		pairs: { ...RECIPE.pairs, cutAnswers: 'open' },
		training: { ...RECIPE.training, steps: 8, batchPairs: 3, accumulationSteps: 2 },
	};
	const { metrics, pairs, folder } = await exportedRun(recipe, 2);
	expect(pairs.some(({ open }) => open !== undefined)).toBe(true);
	setting(folder, 'rows_at_once: null', 'rows_at_once: 2');
	train(folder, 1);
	console.info(`second round\n${compared(folder)}`);
	expect(trained(folder).rowsAtOnce).toBe(2);
	expectSame(metrics, trained(folder).steps);
});

test('accelerate takes the commands of README.md and slurm.sh', async () => {
	const { folder } = await exportedRun({ ...RECIPE, training: { ...RECIPE.training, steps: 1 } });
	const text = ['README.md', 'slurm.sh'].map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
	const commands = text
		.replaceAll('\\\n', '')
		.replace(/\$\(\(.*?\)\)|\$[A-Z_]+/g, '2')
		.match(/(?<=accelerate launch ).*train\.py/g);
	expect(commands).toHaveLength(4);
	const parse =
		'import sys; from accelerate.commands.launch import launch_command_parser as p; p().parse_args(sys.argv[1:])';
	for (const command of commands ?? []) python(['-c', parse, ...command.trim().split(/\s+/)], folder);
	execFileSync('bash', ['-n', 'slurm.sh'], { cwd: folder });
});

describe('an adapter', () => {
	let device: Device;
	let folder: string;
	let own: Adapter;
	const ids = [1, 5, 9, 200, 17, 33, 600, 41, 2];

	beforeAll(async () => {
		device = await openDevice({ backend: 'wasm' });
		const run = await exportedRun({ ...RECIPE, training: { ...RECIPE.training, steps: 12 } });
		[folder, own] = [run.folder, run.adapter];
		train(folder, 1);
	});
	afterAll(() => device.close());

	const read = (path: string): Uint8Array => readFileSync(join(folder, path));
	const pageLogits = async (adapter: Adapter): Promise<Float32Array> => {
		const model = goldenDecoder(read, 'model');
		const { binding, dispose } = openLora(model, adapter);
		const logits = await logitsOf(model, binding, ids);
		dispose();
		model.dispose();
		return logits;
	};
	const peftLogits = (adapter: string): number[] =>
		JSON.parse(
			python([resolve('tests/trl/logits.py'), 'model', adapter, JSON.stringify(ids)], folder),
		) as number[];

	test('of the page gives the same logits in PEFT', async () => {
		const { weights, config } = writePeftAdapter(own);
		mkdirSync(join(folder, 'page'));
		writeFileSync(join(folder, 'page', PEFT_WEIGHTS_FILE), weights);
		writeFileSync(join(folder, 'page', PEFT_CONFIG_FILE), JSON.stringify(config));
		const difference = largestDifference(await pageLogits(own), peftLogits('page'));
		console.info(`The page’s adapter: logits differ by ${difference.toExponential(1)}.`);
		expect(difference).toBeLessThan(1e-4);
	});

	test('of TRL gives the same logits here, and is the page’s own', async () => {
		const config: unknown = JSON.parse(readFileSync(join(folder, 'tuned', PEFT_CONFIG_FILE), 'utf8'));
		const trained = readPeftAdapter(read(`tuned/${PEFT_WEIGHTS_FILE}`), config);
		const logits = await pageLogits(trained);
		const difference = largestDifference(logits, peftLogits('tuned'));
		const apart = largestDifference(logits, await pageLogits(own));
		console.info(
			`TRL’s adapter: logits differ by ${difference.toExponential(1)}; from the page’s adapter by ${apart.toExponential(1)}.`,
		);
		expect(difference).toBeLessThan(1e-4);
		expect(apart).toBeLessThan(5e-3);
	});
});
