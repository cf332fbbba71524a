import { describe, expect, it } from 'vitest';
import { ImportedPairs, ImportedPrompts } from '#app/recipe/importedData.svelte.ts';
import { ownSplit } from '#app/recipe/ownSplit.ts';
import { Cancelled, RemoteError } from '#core/errors.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import type { RowReader } from '#core/rowReader.ts';
import type { ModelText } from '#runtime/rows/modelText.ts';
import { LocalRowReader } from '#runtime/rows/rowReader.ts';
import { importedData } from '#tests/support/importedData.ts';
import { wordReader, WORDS } from '#tests/support/rowReader.ts';

const SOURCE = {
	...{ id: 'words', title: 'Words', url: 'https://models.test/words/' },
	...{ library: null, parameters: 1, origin: { place: 'page' as const } },
};
const row = (prompt: string, chosen: string) => JSON.stringify({ prompt, chosen, rejected: 'no' });
const text = [row('one', 'yes'), '', row('two '.repeat(40), 'yes'), row('three', 'yes '.repeat(40))].join(
	'\n',
);

const RECIPE = { ...DEFAULT_RECIPE, model: SOURCE.id };
const upTo = (maxLength: number): Recipe => ({ ...RECIPE, training: { ...RECIPE.training, maxLength } });

describe('imported pairs', () => {
	it('that are too long are listed by line, and follow the recipe’s length', async () => {
		const pairs = new ImportedPairs();
		pairs.take(readPairs('x', text));
		expect(pairs.tooLong(upTo(30))).toEqual({ leftOut: [], cut: [] });
		await pairs.tokens.count(wordReader(), SOURCE, pairs.set?.pairs ?? []);
		const short = pairs.tooLong(upTo(30));
		expect(short.leftOut).toMatchObject([{ line: 3, reason: 'the prompt is too long: 43 tokens, limit 29' }]);
		expect(short.cut).toMatchObject([{ line: 4 }]);
		expect(pairs.tooLong(upTo(300))).toEqual({ leftOut: [], cut: [] });
		// Another model's tokens say nothing about the recipe's model.
		expect(pairs.tooLong({ ...upTo(30), model: 'other' })).toEqual({ leftOut: [], cut: [] });
	});

	it('are counted once, and again for another model', async () => {
		const pairs = new ImportedPairs();
		pairs.take(readPairs('x', text));
		const rows = pairs.set?.pairs ?? [];
		const reader = wordReader();
		await pairs.tokens.count(reader, SOURCE, rows);
		const { lengths } = pairs.tokens;
		await pairs.tokens.count(reader, SOURCE, rows);
		expect(pairs.tokens.lengths).toBe(lengths);
		const later = pairs.tokens.count(reader, { ...SOURCE, id: 'other' }, rows);
		expect(pairs.tokens.counting).toBe(true);
		await later;
		expect(pairs.tokens.lengths?.model).toBe('other');
	});

	it('stay usable if the tokenizer cannot be loaded', async () => {
		const reader = new LocalRowReader(() =>
			Promise.reject(
				new RemoteError('The model is not there.', { code: 'model-file-missing', hint: 'Go online.' }),
			),
		);
		const pairs = new ImportedPairs();
		pairs.take(readPairs('x', text));
		await pairs.tokens.count(reader, SOURCE, pairs.set?.pairs ?? []);
		expect(pairs.tokens.error?.code).toBe('model-file-missing');
		expect(pairs.tokens.counting).toBe(false);
		expect(pairs.set?.pairs).toHaveLength(3);
	});
});

describe('the tokenizer that counts share', () => {
	/** Loads that each test ends itself; an aborted one fails. */
	function heldLoads() {
		const ends: (() => void)[] = [];
		const load = (_source: unknown, signal: AbortSignal): Promise<ModelText> =>
			new Promise((resolve, reject) => {
				signal.addEventListener('abort', () => {
					reject(new Cancelled());
				});
				ends.push(() => {
					resolve(WORDS);
				});
			});
		const reader = new LocalRowReader(load);
		const rows = readPairs('x', text).set.pairs;
		const count = () => {
			const cancel = new AbortController();
			return { cancel, lengths: reader.measure(SOURCE, rows, cancel.signal) };
		};
		return { ends, count };
	}

	it('is loaded again for a count that waits for the load of a cancelled one', async () => {
		const { ends, count } = heldLoads();
		const first = count();
		const second = count();
		const third = count();
		expect(ends).toHaveLength(1);
		first.cancel.abort();
		await expect(first.lengths).rejects.toThrow(Cancelled);
		await expect.poll(() => ends.length).toBe(2);
		ends[1]?.();
		expect((await second.lengths).rows).toHaveLength(3);
		expect((await third.lengths).rows).toHaveLength(3);
		expect(ends).toHaveLength(2);
	});

	it('is not shared once its count is cancelled, and stays once it is loaded', async () => {
		const { ends, count } = heldLoads();
		const first = count();
		first.cancel.abort();
		const second = count();
		expect(ends).toHaveLength(2);
		await expect(first.lengths).rejects.toThrow(Cancelled);
		ends[1]?.();
		await second.lengths;
		second.cancel.abort();
		expect((await count().lengths).rows).toHaveLength(3);
		expect(ends).toHaveLength(2);
	});
});

describe('of two imports at a time the later one counts', () => {
	const file = (name: string) => ({ name, bytes: new Uint8Array(), layout: null });

	it.each([
		['prompts', new ImportedPrompts()],
		['pairs', new ImportedPairs()],
	])('%s', async (_name, rows) => {
		let end = (): void => undefined;
		const older = new Promise<void>((resolve) => (end = resolve));
		const waits = (name: string): Promise<void> => (name === 'older' ? older : Promise.resolve());
		const reader: RowReader = {
			prompts: ({ name }) => waits(name).then(() => readPrompts(name, 'One?')),
			pairs: ({ name }) => waits(name).then(() => readPairs(name, text)),
			measure: () => Promise.reject(new Cancelled()),
		};
		const first = rows.read(reader, file('older'));
		await rows.read(reader, file('newer'));
		end();
		await first;
		expect(rows.set?.source).toBe('newer');
	});
});

describe('imported prompts', () => {
	it('can be read from another column of the same file', async () => {
		const prompts = new ImportedPrompts();
		const bytes = new TextEncoder().encode('id,task,topic\n1,Name a bridge.,place\n');
		const reader = wordReader();
		await prompts.read(reader, { name: 'x.csv', bytes, layout: null });
		expect(prompts.set?.prompts.map((prompt) => prompt.text)).toEqual(['Name a bridge.']);
		await prompts.read(reader, { name: 'x.csv', bytes, layout: 'column:topic' });
		expect(prompts.set?.prompts.map((prompt) => prompt.text)).toEqual(['place']);
		expect(prompts.layout?.chosen).toBe('column:topic');
	});
});

describe('a draw', () => {
	const imported = () => importedData();
	/** Every third row is longer than the reader's model. */
	const texts = Array.from(
		{ length: 120 },
		(_, i) => `Question ${i}? ${i % 3 === 0 ? 'word '.repeat(600) : ''}`,
	);
	const isLong = (prompt: string): boolean => prompt.length > 600;

	it('of prompts takes as many as asked for, all usable, and says how many are left out', async () => {
		const data = imported();
		data.prompts.take(readPrompts('mine.txt', texts.join('\n')));
		const recipe: Recipe = {
			...RECIPE,
			prompts: { ...RECIPE.prompts, source: 'own', count: 20 },
			evaluation: { ...RECIPE.evaluation, count: 8 },
		};
		expect(ownSplit(recipe, data)).toEqual({ train: 20, heldOut: 8, leftOut: 0, heldOutPairs: 0 });
		expect(data.prompts.draw(recipe).train.some(({ text }) => isLong(text))).toBe(true);
		await data.prompts.tokens.count(wordReader(), SOURCE, data.prompts.set?.prompts ?? []);
		expect(ownSplit(recipe, data)).toEqual({ train: 20, heldOut: 8, leftOut: 40, heldOutPairs: 0 });
		const { train, heldOut } = data.prompts.draw(recipe);
		expect([...train, ...heldOut].some(({ text }) => isLong(text))).toBe(false);
		const all = { ...recipe, prompts: { ...recipe.prompts, count: 1000 } };
		const most = { ...all, evaluation: { ...recipe.evaluation, count: 1000 } };
		const split = ownSplit(most, data);
		expect((split?.train ?? 0) + (split?.heldOut ?? 0)).toBe(80);
	});

	it('of pairs follows the recipe’s length, and forgets the lengths of earlier pairs', async () => {
		const data = imported();
		const file = (says: string) => texts.map((prompt) => row(`${says} ${prompt}`, 'yes')).join('\n');
		data.pairs.take(readPairs('mine.jsonl', file('Say:')));
		const recipe: Recipe = {
			...upTo(300),
			pairs: { ...RECIPE.pairs, method: 'imported' },
			prompts: { ...RECIPE.prompts, count: 20 },
		};
		await data.pairs.tokens.count(wordReader(2000), SOURCE, data.pairs.set?.pairs ?? []);
		expect(ownSplit(recipe, data)).toMatchObject({ train: 20, leftOut: 40 });
		expect(data.pairs.draw(recipe).train.some(({ prompt }) => isLong(prompt.text))).toBe(false);
		const longer = { ...recipe, training: { ...recipe.training, maxLength: 2000 } };
		expect(ownSplit(longer, data)).toMatchObject({ train: 20, leftOut: 0 });
		data.pairs.take(readPairs('other.jsonl', file('Tell:')));
		expect(ownSplit(recipe, data)).toMatchObject({ train: 20, leftOut: 0 });
	});
});
