import { describe, expect, test } from 'vitest';
import { importPrompts, type PromptImport, readPrompts } from '#core/prompt/importPrompts.ts';
import { expectUsableSize, PROMPT_LIMITS } from '#core/prompt/promptLimits.ts';
import { readParquet } from '#runtime/rows/parquet.ts';
import { drawPrompts } from '#core/prompt/split.ts';

const read = (name: string, text: string, chosen: string | null = null): PromptImport =>
	readPrompts(name, text, chosen);
const readBytes = (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<PromptImport> =>
	importPrompts(name, bytes, readParquet);
const texts = ({ set }: PromptImport): string[] => set.prompts.map(({ text }) => text);

describe('the forms of a file', () => {
	test('one prompt per line', () => {
		const got = read('list.txt', '\uFEFFfirst\r\n  second \nthird, with a comma\n');
		expect(texts(got)).toEqual(['first', 'second', 'third, with a comma']);
		expect(got.set).toMatchObject({ name: 'list.txt', source: 'list.txt' });
	});

	test.each([
		['the named column', 'id,Prompt\n1,one\n2,"two, with\na line"\n', ['one', 'two, with\na line']],
		['the best-named column', 'text,instruction\na,b\n', ['b']],
		['the first column if none is named', 'one,1\ntwo,2\n', ['one', 'two']],
		['tabs', 'question\tn\none\t1\n', ['one']],
		['semicolons', 'id;question\n1;one\n', ['one']],
		['quotes inside', 'prompt\n"say ""hi"""\n', ['say "hi"']],
	])('CSV: %s', (_name, text, expected) => {
		expect(texts(read('list.csv', text))).toEqual(expected);
	});

	test('JSONL: texts, objects and conversations', () => {
		const lines = [
			'"one"',
			'{"prompt":"two","completion":"x"}',
			'{"instruction":"three"}',
			'{"messages":[{"role":"system","content":"s"},{"role":"user","content":"four"},{"role":"assistant","content":"a"}]}',
			'{"prompt":[{"role":"user","content":"five"}]}',
		];
		expect(texts(read('list.jsonl', lines.join('\n')))).toEqual(['one', 'two', 'three', 'four', 'five']);
	});

	test('JSON: one list of texts and objects', () => {
		const got = read('list.json', '[\n "one",\n {"prompt": "two"},\n 3\n]');
		expect(texts(got)).toEqual(['one', 'two']);
		expect(got.skipped).toEqual([{ line: 4, text: '3', reason: 'neither a text nor an object' }]);
	});

	test('a file without a known extension is read by its content', () => {
		expect(texts(readPrompts('pasted', '{"prompt":"one"}\n'))).toEqual(['one']);
		expect(texts(readPrompts('pasted', '"one"\n"two"'))).toEqual(['one', 'two']);
		expect(texts(readPrompts('pasted', '42\n[1]'))).toEqual(['42', '[1]']);
	});

	test.each([
		[
			'letters',
			'Q: Why is the sky blue?\nA: Rayleigh scattering.\n\nQ: Who wrote Faust?\nA: Goethe.\nA play.',
		],
		[
			'words',
			'Question 1: Why is the sky blue?\nAnswer 1: Rayleigh.\nQuestion 2: Who wrote Faust?\nAnswer 2: Goethe.',
		],
		[
			'bold words',
			'**Frage:** Why is the sky blue?\n**Antwort:** Rayleigh.\n**Frage:**\nWho wrote Faust?\n**Antwort:** Goethe.',
		],
	])('questions with their answers, by %s', (_name, text) => {
		const got = read('list.txt', text);
		expect(texts(got)).toEqual(['Why is the sky blue?', 'Who wrote Faust?']);
		expect(got.skipped.map(({ reason }) => reason)).toEqual(Array(2).fill('an answer, not a prompt'));
		expect(texts(read('list.txt', text, 'line')).length).toBeGreaterThan(3);
	});

	test.each(['Q: Why?\nQ: How?', 'Answer: me\nQuestion: you', 'Question the answer: why?\nA: b'])(
		'%j is a list of lines',
		(text) => {
			expect(texts(read('list.txt', text))).toEqual(text.split('\n'));
		},
	);

	test('markup and script are text', () => {
		expect(texts(read('a.txt', '<script>alert(1)</script>'))).toEqual(['<script>alert(1)</script>']);
	});
});

describe('unusable rows are listed and the rest is kept', () => {
	test('content that is nested too deeply', () => {
		const deep = `${'{"parts":['.repeat(20_000)}"a"${']}'.repeat(20_000)}`;
		const got = read('list.jsonl', `{"prompt":"one"}\n{"prompt":${deep}}\n{"messages":[${deep}]}\n"two"`);
		expect(texts(got)).toEqual(['one', 'two']);
		expect(got.skipped.map(({ line }) => line)).toEqual([2, 3]);
		expect(got.skipped[0]?.reason).toBe('“prompt”: a message has parts that are nested too deeply');
	});

	test('a long row of a table is shown by its start', () => {
		const [row] = read('list.csv', `prompt,n\n"",${'x'.repeat(400)}\nok,1\n`).skipped;
		expect(row?.text).toBe(`"",${'x'.repeat(197)}…`);
	});

	test('duplicate lines, but not blank ones', () => {
		const got = read('list.txt', 'a\n\nb\n a \n');
		expect(texts(got)).toEqual(['a', 'b']);
		expect(got.skipped).toEqual([{ line: 4, text: ' a ', reason: 'the same as line 1' }]);
	});

	test('empty cells and fields', () => {
		expect(read('list.csv', 'id,prompt\n1,a\n2,\n').skipped).toEqual([
			{ line: 3, text: '2,', reason: 'empty' },
		]);
		expect(read('list.jsonl', '{"prompt":"a"}\n{"prompt":" "}').skipped).toMatchObject([
			{ line: 2, reason: 'empty' },
		]);
	});

	test('JSONL rows of another form', () => {
		const two = '{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}';
		const got = read('list.jsonl', `{"prompt":"a"}\n{bad\n7\n{"x":1}\n${two}\n{"messages":[]}\n{"prompt":3}`);
		expect(texts(got)).toEqual(['a']);
		expect(got.skipped.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7]);
		expect(got.skipped.map(({ reason }) => reason)).toEqual([
			expect.stringMatching(/^not JSON/),
			'neither a text nor an object',
			'no prompt; the row has “x”',
			'the conversation has more than one user message',
			'“messages”: a list is empty',
			'“prompt”: number, not a text',
		]);
	});

	test('CSV rows without the column or with a broken quote', () => {
		const got = read('list.csv', 'id,prompt\n1,a\n2\n3,"open\n');
		expect(texts(got)).toEqual(['a']);
		expect(got.skipped.map(({ reason }) => reason)).toEqual([
			'no column 2',
			'a quote is opened and not closed',
		]);
	});
});

describe('an unusable file is refused with a hint', () => {
	test.each([
		['empty.txt', '', /empty\.txt holds no usable prompt: it is empty/],
		['blank.txt', ' \n\n', /it is empty/],
		['blank.jsonl', '""\n" "', /it is empty/],
		['empty.csv', 'prompt\n', /it is empty/],
		['bad.jsonl', '{', /line 1: not JSON/],
	])('%s', (name, text, message) => {
		expect(() => read(name, text)).toThrow(message);
		expect(() => read(name, text)).toThrow(expect.objectContaining({ code: 'prompts-none', kind: 'format' }));
	});

	test('not UTF-8: the byte and the line are named', async () => {
		const bytes = new Uint8Array([...new TextEncoder().encode('größe\n'), 0xe9, 0x0a]);
		await expect(readBytes('latin1.txt', bytes)).rejects.toThrow(
			/latin1\.txt is not UTF-8 text: .* byte 10 \(line 2\) on\. As Windows-1252 the place reads “é”/,
		);
		await expect(readBytes('cut.txt', new Uint8Array([0x61, 0xc3]))).rejects.toThrow(/not UTF-8/);
	});

	test('too large, in bytes before it is read, or in prompts', async () => {
		const large = new Uint8Array(PROMPT_LIMITS.bytes + 1);
		await expect(readBytes('huge.txt', large)).rejects.toThrow(/huge\.txt is 10\.1 MB large; at most 10 MB/);
		expect(() => expectUsableSize('huge.txt', large.length)).toThrow(/10\.1 MB large/);
		const many = Array.from({ length: PROMPT_LIMITS.prompts + 1 }, (_, i) => `p${i}`).join('\n');
		expect(() => read('many.txt', many)).toThrow(/more than 20000 prompts/);
	});
});

describe('the split', () => {
	const { set, heldOut } = read(
		'many.txt',
		Array.from({ length: 2000 }, (_, i) => `prompt number ${i}`).join('\n'),
	);
	const own = { prompts: set.prompts, heldOut };
	const options = { count: 10, seed: 1, heldOutCount: 4, heldOutSeed: 1 };

	test('holds out about one prompt in five, the same ones in any list', () => {
		const share = heldOut.filter(Boolean).length / 2000;
		expect(share).toBeGreaterThan(0.17);
		expect(share).toBeLessThan(0.23);
		const texts = set.prompts.slice(500, 700).map(({ text }) => text);
		const part = read('part.txt', texts.toReversed().join('\n'));
		expect(part.heldOut.toReversed()).toEqual(heldOut.slice(500, 700));
	});

	test('is sampled by seed, and a larger sample begins with the smaller', () => {
		const ten = drawPrompts(own, options).train;
		expect(ten).toHaveLength(10);
		expect(drawPrompts(own, { ...options, count: 20 }).train.slice(0, 10)).toEqual(ten);
		expect(drawPrompts(own, { ...options, seed: 2 }).train).not.toEqual(ten);
		const all = drawPrompts(own, { ...options, count: 5000, heldOutCount: 5000 });
		expect(all.train.length + all.heldOut.length).toBe(2000);
	});

	test('takes as many usable prompts as asked for, each unusable one replaced by the next', () => {
		const more = drawPrompts(own, { ...options, count: 12, heldOutCount: 5 });
		const unusable = [more.train[0], more.train[7], more.heldOut[3]];
		const isUsable = (index: number): boolean => !unusable.includes(own.prompts[index]);
		const drawn = drawPrompts(own, options, isUsable);
		expect(drawn.train).toEqual(more.train.filter((prompt) => !unusable.includes(prompt)));
		expect(drawn.heldOut).toEqual(more.heldOut.filter((prompt) => !unusable.includes(prompt)));
		expect([drawn.train.length, drawn.heldOut.length]).toEqual([10, 4]);
	});
});
