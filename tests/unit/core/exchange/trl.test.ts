/** The folder for TRL: its files, their numbers, and its texts; tests/trl runs it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { initLora, loraLayout, toAdapter, untrainedLike } from '#core/adapter/layout.ts';
import type { ExportSource } from '#core/exchange/export.ts';
import { trlFolder } from '#core/exchange/exports/trlFolder.ts';
import { basePlace } from '#core/exchange/trl/place.ts';
import { formulaScript, trainScript } from '#core/exchange/trl/scripts.ts';
import { answersOf, pairsOfSteps } from '#core/exchange/trl/steps.ts';
import { trlTrainer } from '#core/exchange/trl/trainerFor.ts';
import { writeYaml } from '#core/exchange/trl/yaml.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import { listObjectives } from '#core/loss/objectives/registry.ts';
import { FORMULA, SUM } from '#core/loss/objectives/settings.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { fetchAnchor } from '#tests/support/anchorPorts.ts';
import { archiveTexts } from '#tests/support/exportedAdapter.ts';
import { SOURCE } from '#tests/support/fakes.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const FILE = 'tests/fixtures/run-file-1.run.json.gz';
const { record, adapters } = await readRunFile(new Uint8Array(readFileSync(FILE)), FILE);
const [adapter = null] = adapters;
const source: ExportSource = { record, adapter: () => Promise.resolve(adapter) };

async function folderOf(from: ExportSource): Promise<ReadonlyMap<string, string>> {
	const [file] = await trlFolder.write(from);
	if (!(file?.content instanceof Uint8Array)) throw new Error('no archive');
	return archiveTexts(file.content);
}

const linesOf = (text: string | undefined): unknown[] =>
	(text ?? '')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as unknown);

const withObjective = (objective: typeof record.recipe.objective): ExportSource => ({
	...source,
	record: { ...record, recipe: { ...record.recipe, objective } },
});

describe('the folder', () => {
	test('has the pairs once, and the rows of every step in the order of the run', async () => {
		const files = await folderOf(source);
		const pairs = linesOf(files.get('data/pairs.jsonl'));
		const steps = linesOf(files.get('data/steps.jsonl')) as number[][];
		expect(pairs).toHaveLength(record.pairs.length);
		expect(steps).toHaveLength(record.recipe.training.steps);
		expect(steps).toEqual(pairsOfSteps(record.recipe, record.pairs.length));
		expect(files.get('settings.yaml')).toContain('adapter: "adapter"');
		expect([...files.keys()]).not.toContain('formula.py');
	});

	test('names the model that the user must add, if it is neither here nor on the hub', async () => {
		const recipe = { ...record.recipe, model: 'disk:mine.gguf@0123456789abcdef:Q8_0' };
		const files = await folderOf({ ...source, record: { ...record, recipe } });
		expect(files.get('README.md')).toContain('put the Hugging Face files of `disk:mine.gguf@');
	});

	test('has the embedded model as transformers reads it', async () => {
		const base = () =>
			loadModelFiles(SOURCE_OF_ANCHOR, () => undefined, new AbortController().signal, {
				fetch: fetchAnchor,
			});
		const files = await folderOf({ ...source, base });
		expect(JSON.parse(files.get('model/config.json') ?? '')).toMatchObject({
			architectures: ['LlamaForCausalLM'],
			hidden_size: 128,
			eos_token_id: expect.any(Number) as number,
			pad_token_id: expect.any(Number) as number,
		});
		const weights = files.get('model/model.safetensors') ?? '';
		expect(weights).toContain('model.layers.0.self_attn.k_proj.weight');
		expect(weights).not.toContain('qkv_proj');
	});

	test('of a run without a checkpoint draws its adapter, and says so', async () => {
		const files = await folderOf({ ...source, adapter: () => Promise.resolve(null) });
		expect(files.get('settings.yaml')).toContain('adapter: null');
		expect(files.get('README.md')).toContain('draws the first adapter itself');
		expect([...files.keys()].filter((name) => name.startsWith('adapter/'))).toEqual([]);
	});

	test('of a run that continues an adapter has it, and no evaluation of the plain base', async () => {
		const files = await folderOf({ ...source, parent: () => Promise.resolve(adapter) });
		expect(files.get('settings.yaml')).toContain('parent: "parent"');
		expect([...files.keys()]).toContain('parent/adapter_model.safetensors');
		expect([...files.keys()]).not.toContain('evaluate.sh');
		expect(files.get('README.md')).not.toContain('evaluate.sh');
	});

	test('for KTO has two rows a pair, the chosen answers of a step first', async () => {
		const files = await folderOf(withObjective({ id: 'kto', beta: 1 }));
		const rows = linesOf(files.get('data/answers.jsonl')) as { label: boolean }[];
		const [first = []] = linesOf(files.get('data/steps.jsonl')) as number[][];
		expect(rows).toHaveLength(2 * record.pairs.length);
		const labels = first.map((row) => rows[row]?.label);
		expect(labels).toEqual(labels.toSorted((a, b) => Number(b) - Number(a)));
		expect(files.get('train.py')).toContain('from trl import KTOTrainer as Trainer');
	});

	test('for KTO refuses answers without an end, and trims those of pairs', async () => {
		const pairs = record.pairs.map((pair) => ({
			...pair,
			chosen: `${pair.chosen} \n`,
			open: { chosen: true, rejected: false },
		}));
		const kto = withObjective({ id: 'kto', beta: 1 });
		await expect(folderOf({ ...kto, record: { ...kto.record, pairs } })).rejects.toMatchObject({
			code: 'trl-open',
		});
		const files = await folderOf({ ...source, record: { ...record, pairs } });
		const [row] = linesOf(files.get('data/pairs.jsonl')) as { chosen: { content: string }[] }[];
		expect(row?.chosen[0]?.content).toBe(pairs[0]?.chosen.trimEnd());
		expect(row).toMatchObject({ open: { chosen: true, rejected: false } });
	});
});

const SOURCE_OF_ANCHOR = { ...SOURCE, url: 'https://models.test/anchor-1m/' };

test('answers of a step: every chosen answer before the first rejected one', () => {
	expect(answersOf([3, 0])).toEqual([6, 0, 7, 1]);
});

test('micro-batches of a step are one list of rows', () => {
	const training = { ...DEFAULT_RECIPE.training, steps: 2, batchPairs: 2 };
	const joined = pairsOfSteps({ training: { ...training, accumulationSteps: 2 } }, 7);
	const single = pairsOfSteps({ training: { ...training, steps: 4, accumulationSteps: 1 } }, 7);
	expect(joined).toEqual([single.slice(0, 2).flat(), single.slice(2).flat()]);
});

test('the adapter to begin from is the one that the trainer draws', () => {
	const config = { rank: 2, alpha: 4, targetModules: ['q_proj', 'down_proj'] as const };
	const layout = loraLayout(SMALL_MODEL, config);
	const about = { id: 'step-0', step: 0, config };
	const trained = toAdapter(new Float32Array(layout.size).fill(1), layout, { ...about, step: 9 });
	expect(untrainedLike(trained, 7)).toEqual(toAdapter(initLora(layout, 7), layout, about));
});

describe('the trainer', () => {
	test.each([
		['apo_zero', 'pairs'],
		['dpo', 'pairs'],
		['ipo', 'pairs'],
		['kto', 'answers'],
		['apo_zero_unpaired', 'answers'],
		// TRL divides by the tokens of one process.
		['sft', 'formula'],
		// TRL's DPOTrainer has no threshold, and its CPOTrainer no adapter to begin from.
		['bco_pair', 'formula'],
		['simpo', 'formula'],
	])('of %s trains on %s', (id, kind) => {
		expect(trlTrainer({ id, beta: 0.5 }).kind).toBe(kind);
	});

	test('knows every objective', () => {
		for (const { id } of listObjectives()) {
			const trainer = trlTrainer({ id, beta: 0.5 });
			expect(trainer.options['beta']).toBe(0.5);
			if (trainer.kind === 'formula') expect(formulaScript(trainer.objective)).toContain('def formula(');
		}
	});

	test('gives parameters TRL’s names', () => {
		expect(trlTrainer({ id: 'robust', beta: 1, parameters: { epsilon: 0.2 } }).options).toEqual({
			loss_type: 'robust',
			label_smoothing: 0.2,
			beta: 1,
		});
	});

	test('takes a weighted sum as TRL’s list, unless a part needs options of its own', () => {
		const sum = (id: string) => ({
			...{ id: SUM, beta: 1 },
			terms: [
				{ id: 'apo_zero', weight: 1 },
				{ id, weight: 0.2 },
			],
		});
		expect(trlTrainer(sum('dpo')).options).toEqual({
			loss_type: ['apo_zero', 'sigmoid'],
			loss_weights: [1, 0.2],
			beta: 1,
		});
		expect(trlTrainer(sum('robust')).kind).toBe('formula');
		expect(trlTrainer(sum('sft')).kind).toBe('formula');
	});

	test('refuses a formula that reads kl', () => {
		expect(() => trlTrainer({ id: FORMULA, beta: 1, formula: 'r_w - beta*kl' })).toThrow('reads kl');
	});
});

describe('the scripts', () => {
	test('import the trainer of the objective', () => {
		const script = trainScript(trlTrainer({ id: 'sft', beta: 1 }));
		expect(script).toContain('from formula import FormulaTrainer as Trainer');
		expect(script).not.toContain('DPOTrainer');
	});

	test('compute only the inputs that a loss reads', () => {
		const script = (formula: string): string =>
			formulaScript(objectiveFor({ id: FORMULA, beta: 1, formula }));
		expect(script('r_l - r_w')).not.toMatch(/mean_len_w|len_w, len_l|mask = /);
		expect(script('-logp_w/len_w')).toContain('len_w=len_w, beta=self.beta)');
		expect(script('-logp_w/len_w')).not.toContain('mean_len_w');
		expect(script('-logp_w/mean_len_w')).toContain('mean_len_w = self.accelerator.gather(len_w).mean()');
		expect(script('weight_w*r_w')).toContain('weight_w=1.0');
	});
});

test.each([
	['anchor-1m', true, { model: 'model', missing: null }],
	[`me/mine@${'a'.repeat(40)}:f16`, false, { model: 'me/mine', revision: 'a'.repeat(40) }],
	[
		`mlc-ai/SmolLM2-135M-Instruct-q0f16-MLC@${'a'.repeat(40)}:q0f16`,
		false,
		{
			model: 'HuggingFaceTB/SmolLM2-135M-Instruct',
			revision: null,
			replaces: 'mlc-ai/SmolLM2-135M-Instruct-q0f16-MLC',
		},
	],
	['https://example.org/model.gguf:Q8_0', false, { missing: 'https://example.org/model.gguf:Q8_0' }],
])('the base %s', (id, inside, expected) => {
	expect(basePlace(id, inside)).toMatchObject(expected);
});

test('YAML has numbers that YAML 1.1 reads as numbers, quoted texts, and comments', () => {
	expect(
		writeYaml([
			{ name: 'a', value: 1e-8 },
			{ name: 'b', value: 'no', comment: 'a text' },
			{
				name: 'c',
				value: [
					{ name: 'd', value: ['x', 'y'] },
					{ name: 'e', value: [] },
				],
			},
		]),
	).toBe('a: 1.0e-8\nb: "no"  # a text\nc:\n  d: ["x", "y"]\n  e: []\n');
});
