import { describe, expect, it } from 'vitest';
import { ImportedPairs, ImportedPrompts } from '#app/recipe/importedData.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { LocalRowReader } from '#runtime/rows/rowReader.ts';
import { wordReader } from '#tests/support/rowReader.ts';

const SOURCE = {
	...{ id: 'words', title: 'Words', url: 'https://models.test/words/', library: 'lib.wasm' },
	...{ loraMaxRank: 8, parameters: 1, embedded: false },
};
const row = (prompt: string, chosen: string) => JSON.stringify({ prompt, chosen, rejected: 'no' });
const text = [row('one', 'yes'), '', row('two '.repeat(40), 'yes'), row('three', 'yes '.repeat(40))].join(
	'\n',
);

describe('imported pairs', () => {
	it('that are too long are listed by line, and follow the recipe’s length', async () => {
		const pairs = new ImportedPairs();
		pairs.take(readPairs('x', text));
		expect(pairs.tooLong({ maxLength: 30 })).toEqual({ leftOut: [], cut: [] });
		await pairs.tokens.count(wordReader(), SOURCE, pairs.set?.pairs ?? []);
		const short = pairs.tooLong({ maxLength: 30 });
		expect(short.leftOut).toMatchObject([{ line: 3, reason: 'the prompt is too long: 43 tokens, limit 29' }]);
		expect(short.cut).toMatchObject([{ line: 4 }]);
		expect(pairs.tooLong({ maxLength: 300 })).toEqual({ leftOut: [], cut: [] });
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
