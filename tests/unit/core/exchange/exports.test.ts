import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPeftAdapter } from '#core/adapter/peft.ts';
import { fileStem } from '#core/exchange/export.ts';
import { RUN_EXPORTS } from '#core/exchange/exports.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { readRecipe } from '#core/recipe/recipe.ts';
import { readRunFile } from '#core/run/runFile.ts';

/** A real run: 4 steps on pairs of the embedded model's answers. */
const FILE = 'tests/fixtures/run-file-1.run.json.gz';
const { record, adapters } = await readRunFile(new Uint8Array(readFileSync(FILE)), FILE);
const [adapter = null] = adapters;
const source = { record, adapter: () => Promise.resolve(adapter) };

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
		const text = (await written('pairs')).get('pairs.jsonl') as string;
		const { pairs } = readPairs('pairs.jsonl', text).set;
		expect(pairs.map(({ chosen, rejected }) => [chosen, rejected])).toEqual(
			record.pairs.map(({ chosen, rejected }) => [chosen, rejected]),
		);
	});

	test('the adapter, as PEFT reads it', async () => {
		const files = await written('adapter');
		const config: unknown = JSON.parse(files.get('adapter_config.json') as string);
		const back = readPeftAdapter(files.get('adapter_model.safetensors') as Uint8Array, config);
		expect(back.matrices).toEqual(adapter?.matrices);
	});

	test('the metrics, a line a step', async () => {
		const lines = ((await written('metrics')).get('metrics.jsonl') as string).trim().split('\n');
		expect(lines).toHaveLength(4);
		expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(record.metrics);
	});

	test('the recipe, without what might be a key', async () => {
		const reviser = { ...record.recipe.reviser, endpoint: 'http://name:secret@localhost:1/v1', model: 'm' };
		const from = { ...source, record: { ...record, recipe: { ...record.recipe, reviser } } };
		const text = (await written('recipe', from)).get('recipe.json') as string;
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
