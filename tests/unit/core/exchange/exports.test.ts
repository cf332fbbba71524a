import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fileStem } from '#core/exchange/export.ts';
import { RUN_EXPORTS } from '#core/exchange/exports.ts';
import { readCsv } from '#core/format/csv.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { readRecipe } from '#core/recipe/recipe.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { exportedAdapter } from '#tests/support/exportedAdapter.ts';

/** A real run: 4 steps on pairs of the embedded model's answers. */
const FILE = 'tests/fixtures/run-file-1.run.json.gz';
const { record, adapters } = await readRunFile(new Uint8Array(readFileSync(FILE)), FILE);
const [adapter = null] = adapters;
const source = { record, adapter: () => Promise.resolve(adapter) };

const stem = fileStem(record.name);

async function written(
	id: string,
	from = source,
): Promise<ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>> {
	const form = RUN_EXPORTS.find((one) => one.id === id);
	const files = (await form?.write(from)) ?? [];
	return new Map(files.map(({ name, content }) => [name, content]));
}

describe('an export reads back as it was written', () => {
	test('the whole run, with the checkpoint that is shown', async () => {
		const file = (await written('run')).get(`${fileStem(record.name)}.run.json.gz`);
		const back = await readRunFile(file as Uint8Array<ArrayBuffer>, 'a run');
		expect(back.record.pairs).toEqual(record.pairs);
		expect(back.adapters).toEqual(adapters);
	});

	test('the pairs, as TRL reads them', async () => {
		const text = (await written('pairs')).get(`${stem}-pairs.jsonl`) as string;
		const { pairs } = readPairs('pairs.jsonl', text).set;
		expect(pairs.map(({ chosen, rejected }) => [chosen, rejected])).toEqual(
			record.pairs.map(({ chosen, rejected }) => [chosen, rejected]),
		);
	});

	test('the adapter, as PEFT reads it', async () => {
		expect([...(await written('adapter')).keys()]).toEqual([`${stem}-adapter.zip`]);
		expect((await exportedAdapter(source)).adapter.matrices).toEqual(adapter?.matrices);
	});

	test('the metrics, a line a step', async () => {
		const lines = ((await written('metrics')).get(`${stem}-metrics.jsonl`) as string).trim().split('\n');
		expect(lines).toHaveLength(4);
		expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(record.metrics);
	});

	test('the evaluation, a row a prompt and mode, with both scores', async () => {
		const text = (await written('scores')).get(`${stem}-evaluation.csv`) as string;
		const [head, ...rows] = readCsv(text, ',').map(({ cells }) => cells);
		expect(head).toContain('tuned_score');
		const greedy = rows.filter(([mode]) => mode === 'greedy');
		const [base, tuned] = [0, 4].map((step) =>
			record.heldOut.find((one) => one.mode === 'greedy' && one.step === step),
		);
		expect(greedy.map(([, id]) => id)).toEqual(base?.answers.map(({ prompt }) => prompt.id));
		expect(greedy.map((row) => Number(row[7]))).toEqual(tuned?.answers.map(({ score }) => score));
	});

	test('the charts, one SVG each, with the run’s name', async () => {
		const files = await written('charts');
		expect([...files.keys()].toSorted()).toEqual(
			['loss', 'margin', 'rewards', 'score'].map((chart) => `${stem}-${chart}.svg`),
		);
		for (const svg of files.values()) expect(svg).not.toMatch(/NaN|undefined|Infinity/);
	});

	test('the recipe, without what might be a key', async () => {
		const reviser = { ...record.recipe.reviser, endpoint: 'http://name:secret@localhost:1/v1', model: 'm' };
		const from = { ...source, record: { ...record, recipe: { ...record.recipe, reviser } } };
		const text = (await written('recipe', from)).get(`${stem}-recipe.json`) as string;
		expect(text).not.toContain('secret');
		expect(readRecipe(JSON.parse(text)).reviser.endpoint).toBe('http://localhost:1/v1');
	});
});

test('a run without a checkpoint says so instead of writing an empty adapter', async () => {
	const form = RUN_EXPORTS.find(({ id }) => id === 'adapter');
	await expect(form?.write({ record, adapter: () => Promise.resolve(null) })).rejects.toMatchObject({
		code: 'checkpoint-missing',
	});
});

test.each([
	['Sunday 2', 'sunday-2'],
	['../../x', 'x'],
	['🙂', 'run'],
	['a/b\\c:d*e', 'abcde'],
	['\u202egnp.exe\u0000', 'gnpexe'],
	['  --x--  ', 'x'],
	['CON', 'run-con'],
	['lpt1', 'run-lpt1'],
	['हिन्दी में', 'हिन्दी-में'],
	['x'.repeat(300), 'x'.repeat(60)],
	['\ud800', 'run'],
])('a run named %j gives files that begin with %s', (name, stem) => {
	expect(fileStem(name)).toBe(stem);
});
