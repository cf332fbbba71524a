/** Files that are no runs, damaged runs, and files that would take all memory or time. */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { readRunFile, RUN_FILE_LIMITS, writeRunFile } from '#core/run/runFile.ts';
import type { RunRecord } from '#core/run/run.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';

const { adapter } = checkpointOf(20);
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const bytesOf = (...bytes: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

async function failure(bytes: Uint8Array<ArrayBuffer>, name = 'x.run.json.gz'): Promise<AppError> {
	const thrown: unknown = await readRunFile(bytes, name).then(
		() => null,
		(error: unknown) => error,
	);
	if (thrown instanceof AppError) return thrown;
	throw new Error(`Expected an AppError, got ${String(thrown)}.`);
}

/** A run with rows in every list that refers to another. */
function linked(): RunRecord {
	const record = runRecord('a');
	const [first, second] = record.outputs;
	const revisions = record.outputs.map((output) => ({
		id: `${output.id}.r1`,
		output,
		state: 'revised' as const,
		revised: 'better',
		reasoning: null,
		rule: null,
		reason: null,
		measures: null,
		rawReply: 'better',
		reviser: 'r',
		attempts: 1,
		error: null,
	}));
	const pairs = record.outputs.map((output, i) => ({
		id: `${output.prompt.id}.p1`,
		prompt: output.prompt,
		chosen: 'better',
		rejected: output.text,
		method: 'clair',
		from: {
			chosen: { kind: 'revision' as const, id: revisions[i]!.id },
			rejected: { kind: 'output' as const, id: output.id },
		},
		edited: false,
	}));
	const trails = [first, second].map((output, i) => ({
		pairId: `${output!.prompt.id}.p1`,
		step: i + 1,
		chosen: 0.5,
		rejected: -0.5,
	}));
	return { ...record, revisions, pairs, trails };
}

interface Json {
	record: Record<string, unknown> &
		Record<'outputs' | 'pairs' | 'trails' | 'metrics' | 'revisions' | 'prompts', Row[]>;
	adapters: { step: number; weights: string }[];
}
type Row = Record<string, unknown> & { prompt: { id: string }; output: { id: string }; from: unknown };

async function changed(change: (json: Json) => void): Promise<Uint8Array<ArrayBuffer>> {
	const json = JSON.parse(
		gunzipSync(await writeRunFile({ record: linked(), adapters: [adapter] })).toString(),
	) as Json;
	change(json);
	return new Uint8Array(gzipSync(JSON.stringify(json)));
}

test('a run with all its references reads back without a change', async () => {
	const read = await readRunFile(await writeRunFile({ record: linked(), adapters: [adapter] }), 'x');
	expect(read.mended).toEqual([]);
	expect(read.record).toEqual(linked());
});

describe('a file that is no run is named', () => {
	const recipe = JSON.stringify(runRecord('a').recipe, null, '\t');
	test.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
		['an empty file', bytesOf(), /an empty file/],
		['an image', bytesOf(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0), /a PNG image/],
		['a photo', bytesOf(0xff, 0xd8, 0xff, 0xe0, 0, 16), /a JPEG image/],
		['a document', utf8('%PDF-1.7\n%'), /a PDF document/],
		['an Office document', bytesOf(0x50, 0x4b, 3, 4, 20, 0, 6, 0), /a ZIP archive/],
		['a Parquet file', utf8('PAR1....'), /a Parquet file/],
		['a model', utf8('GGUF....'), /a GGUF file/],
		['a recipe', utf8(recipe), /a recipe/],
		['a packed recipe', new Uint8Array(gzipSync(recipe)), /a recipe/],
		[
			'pairs',
			utf8('{"prompt":"p","chosen":"a","rejected":"b"}\n{"prompt":"q","chosen":"c","rejected":"d"}\n'),
			/preference pairs/,
		],
		['one pair', utf8('{"prompt":"p","chosen":"a","rejected":"b"}'), /preference pairs/],
		['a list of pairs', utf8('[{"prompt":"p","chosen":"a","rejected":"b"}]'), /preference pairs/],
		[
			'curves',
			utf8('{"step":1,"loss":1,"grad_norm":2}\n{"step":2,"loss":1,"grad_norm":2}\n'),
			/the curves of a run/,
		],
		['settings of an adapter', utf8('{"peft_type":"LORA","r":8}'), /the settings of an adapter/],
		[
			'an adapter',
			new Uint8Array(readFileSync('tests/golden/data/model-llama/adapter/adapter_model.safetensors')),
			/a safetensors file/,
		],
		['a web page', utf8('<!doctype html>\n<html></html>'), /a web page/],
		['a table', utf8('prompt,answer\na,b\n'), /a table/],
		['text', utf8('hello'), /plain text/],
		['text with a comma', utf8('Hello, world'), /plain text/],
		['lines with commas', utf8('Dear Ann, hello.\nDear Bob, goodbye.\n'), /plain text/],
		['null', utf8('null'), /JSON of another kind/],
		['a number', utf8('7'), /JSON of another kind/],
		['an empty list', utf8('[]'), /JSON of another kind/],
		[
			'half a JSON',
			utf8('{"form":"anchorage-run","version":2,"record":{"id":"a'),
			/JSON that is cut off or damaged/,
		],
		[
			'a run without adapters',
			utf8('{"form":"anchorage-run","version":2,"record":{}}'),
			/a damaged run, because adapters/,
		],
	])('%s', async (_name, bytes, kind) => {
		const error = await failure(bytes, 'thing');
		expect(error).toMatchObject({ kind: 'format', code: 'run-file-invalid' });
		expect(error.message).toMatch(kind);
		expect(error.message).toMatch(/^thing cannot be opened as a run: it is /);
		expect(error.hint).not.toBe('');
	});

	test('a run that was packed twice opens', async () => {
		const twice = new Uint8Array(gzipSync(await writeRunFile({ record: linked(), adapters: [adapter] })));
		expect((await readRunFile(twice, 'x')).record).toEqual(linked());
	});

	test.each([0.1, 0.5, 0.99])('a run that was cut off at %d of its length', async (share) => {
		const bytes = await writeRunFile({ record: linked(), adapters: [adapter] });
		const error = await failure(bytes.slice(0, Math.floor(bytes.length * share)));
		expect(error.code).toBe('compressed-damaged');
		expect(error.message).toMatch(/damaged or was cut off/);
	});
});

describe('a file that would take all memory is refused early', () => {
	const zeros = (megabytes: number, text: string) =>
		new Uint8Array(gzipSync(Buffer.alloc(megabytes * 1024 * 1024, text)));
	test.each([
		['spaces', zeros(200, ' ')],
		['brackets', zeros(200, '[')],
		['a list of numbers', zeros(200, '1,')],
		['digits', zeros(200, '9')],
	])('200 MB of %s in a small gzip', async (_name, bytes) => {
		expect((await failure(bytes)).code).toBe('compressed-too-large');
	});

	test('lists inside lists', async () => {
		const error = await failure(utf8('['.repeat(100_000)));
		expect(error.code).toBe('json-too-deep');
		expect(error.message).toMatch(/x\.run\.json\.gz has more than 32 lists inside one another at byte 33/);
		expect(
			(
				await failure(
					await changed(
						({ record }) => void (record['deep'] = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown),
					),
				)
			).code,
		).toBe('json-too-deep');
	});

	test('millions of values', async () => {
		const error = await failure(utf8(`[${'1,'.repeat(RUN_FILE_LIMITS.values + 1)}1]`));
		expect(error.code).toBe('json-too-many');
	});

	test('brackets and commas inside texts do not count', async () => {
		const name = `[[[[,,,,"\\${'['.repeat(40)}`;
		const read = await readRunFile(await changed(({ record }) => (record.outputs[0]!['text'] = name)), 'x');
		expect(read.record.outputs[0]?.text).toBe(name);
	});
});

describe('a run with a fault that nothing can decide is refused with the place', () => {
	test.each<[string, (json: Json) => void, RegExp]>([
		[
			'an output’s id twice',
			({ record }) => (record.outputs[2]!['id'] = record.outputs[0]!['id']),
			/outputs\.2\.id repeats the id of outputs\.0/,
		],
		[
			'a pair’s id twice',
			({ record }) => (record.pairs[1]!['id'] = record.pairs[0]!['id']),
			/pairs\.1\.id repeats/,
		],
		[
			'a revision’s id twice',
			({ record }) => (record.revisions[1]!['id'] = record.revisions[0]!['id']),
			/revisions\.1\.id repeats/,
		],
		[
			'a prompt’s id for two texts',
			({ record }) => (record.prompts[1]!['id'] = record.prompts[0]!['id']),
			/prompts\.1\.id belongs to another prompt/,
		],
		[
			'the id __proto__',
			({ record }) => (record.pairs[0]!['id'] = '__proto__'),
			/pairs\.0\.id is not usable \(“__proto__” cannot be an id\)/,
		],
		[
			'the id constructor',
			({ record }) => (record.pairs[1]!['id'] = 'constructor'),
			/pairs\.1\.id is not usable \(“constructor” cannot be an id\)/,
		],
		[
			'the id toString',
			({ record }) => (record.trails[0]!['pairId'] = 'toString'),
			/trails\.0\.pairId is "toString"/,
		],
		['an empty id', ({ record }) => (record.prompts[0]!['id'] = ''), /prompts\.0\.id is ""/],
		['two adapters of one step', ({ adapters }) => adapters.push(adapters[0]!), /two adapters of one step/],
	])('%s', async (_name, change, place) => {
		const error = await failure(await changed(change));
		expect(error.code).toBe('run-file-invalid');
		expect(error.message).toMatch(place);
	});

	test.each(['1e999', '-1e999'])('the number %s, which is read as infinity', async (number) => {
		const json = gunzipSync(await writeRunFile({ record: linked(), adapters: [] })).toString();
		const bytes = utf8(json.replace('"chosen":0.5', `"chosen":${number}`));
		expect((await failure(bytes)).message).toMatch(/record\.trails\.0\.chosen is not a finite number/);
	});

	test.each(['NaN', 'Infinity', '-Infinity'])('the word %s, which is no JSON', async (word) => {
		const json = gunzipSync(await writeRunFile({ record: linked(), adapters: [] })).toString();
		const error = await failure(utf8(json.replace('"chosen":0.5', `"chosen":${word}`)));
		expect(error.message).toMatch(/JSON that is cut off or damaged/);
	});

	test('an adapter with a NaN', async () => {
		const broken = {
			...adapter,
			matrices: adapter.matrices.map((one) => ({ ...one, loraA: one.loraA.with(0, NaN) })),
		};
		const error = await failure(await writeRunFile({ record: linked(), adapters: [broken] }));
		expect(error.message).toMatch(
			/^The adapter of step 20 in x\.run\.json\.gz cannot be read: .*layers\.0\.mlp\.down_proj\.lora_A.* holds NaN at number 1/,
		);
	});
});

describe('a run with a fault that one answer mends is opened, and the place is named', () => {
	const metrics = (step: number, loss = step): Row => ({ ...METRICS, step, loss }) as unknown as Row;

	test('steps out of order', async () => {
		const read = await readRunFile(
			await changed(
				({ record }) => (record.metrics = [metrics(2), metrics(1), metrics(3, 9), metrics(3, 4)]),
			),
			'x',
		);
		expect(read.record.metrics.map(({ step, loss }) => [step, loss])).toEqual([
			[1, 1],
			[2, 2],
			[3, 4],
		]);
		expect(read.mended).toEqual([
			'Steps out of order are sorted; of a repeated step the last counts (metrics.1.step and 1 more).',
		]);
	});

	test('references to missing outputs', async () => {
		const read = await readRunFile(await changed(({ record }) => record.outputs.splice(1, 1)), 'x');
		expect(read.record.revisions).toHaveLength(2);
		expect(read.record.pairs.map(({ from }) => from === null)).toEqual([false, true, false]);
		expect(read.mended).toEqual([
			'Revisions of outputs that the file lacks are left out (revisions.1).',
			'Pairs name rows that the file lacks; their sources are unknown (pairs.1.from).',
		]);
	});

	test('rewards of missing pairs', async () => {
		const read = await readRunFile(await changed(({ record }) => record.pairs.splice(0, 1)), 'x');
		expect(read.record.trails).toHaveLength(1);
		expect(read.mended).toEqual(['Rewards of pairs that the file lacks are left out (trails.0).']);
	});

	test('a name with control and direction characters, and without end', async () => {
		const read = await readRunFile(
			await changed(({ record }) => (record['name'] = `a\u202e\n/b\u0000${'c'.repeat(500)}`)),
			'x',
		);
		expect(read.record.name).toBe(`a /b${'c'.repeat(96)}`);
	});
});

const METRICS = {
	epoch: 0,
	'rewards/chosen': 0,
	'rewards/rejected': 0,
	'rewards/margins': 0,
	'rewards/accuracies': 0,
	'logps/chosen': 0,
	'logps/rejected': 0,
	grad_norm: 1,
	learning_rate: 1,
	num_tokens: 1,
	seconds: 1,
	tokensPerSecond: 1,
};
