import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { readRunFile, writeRunFile } from '#core/run/runFile.ts';
import type { RunRecord } from '#core/run/run.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';

interface Json {
	version: number;
	record: Record<string, unknown> & { heldOut: { estimate: Record<string, unknown> }[] };
	adapters: { weights: string }[];
}

const { adapter } = checkpointOf(20);
const pack = (record: RunRecord = runRecord('a')) => writeRunFile({ record, adapters: [adapter] });

/** The file's JSON, changed, and packed again. */
async function changed(change: (json: Json) => void): Promise<Uint8Array<ArrayBuffer>> {
	const json = JSON.parse(gunzipSync(await pack()).toString()) as Json;
	change(json);
	return new Uint8Array(gzipSync(JSON.stringify(json)));
}

async function failure(bytes: Uint8Array<ArrayBuffer>): Promise<AppError> {
	const thrown: unknown = await readRunFile(bytes, 'x.run.json.gz').then(
		() => null,
		(error: unknown) => error,
	);
	if (thrown instanceof AppError) return thrown;
	throw new Error(`Expected an AppError, got ${String(thrown)}.`);
}

test('a run with its adapter reads back as it was', async () => {
	const read = await readRunFile(await pack(), 'x');
	expect(read.record).toEqual(runRecord('a'));
	expect(read.adapters).toEqual([adapter]);
});

test('what a run planned and how it ranked held-out pairs come along', async () => {
	const memory = {
		activations: 'lean',
		automatic: true,
		budgetBytes: 1e9,
		estimates: { keep: 2e9, lean: 5e8 },
		peakBytes: null,
	} as const;
	const plan = {
		pairs: 8,
		stepsPerEpoch: 1,
		trainableParameters: 100,
		tokensPerStep: 64,
		truncated: 0,
		dropped: 0,
		estimatedBytes: 5e8,
		memory,
	};
	const base = runRecord('a');
	const estimate = { score: 0.5, low: 0.2, high: 0.8, n: 4 };
	const ranked = {
		...base.heldOut[1]!,
		engine: 'webllm',
		rewards: { accuracy: estimate, margin: estimate },
	} as const;
	const record: RunRecord = { ...base, plan, heldOutPairs: [], heldOut: [base.heldOut[0]!, ranked] };
	expect((await readRunFile(await pack(record), 'x')).record).toEqual(record);
});

test('the JSON itself is read as well, and checkpoints that did not come along are not claimed', async () => {
	const json = gunzipSync(await writeRunFile({ record: runRecord('a'), adapters: [] }));
	const read = await readRunFile(new Uint8Array(json), 'x');
	expect(read.record.checkpoints).toEqual([]);
});

test('no secret of an address, and nothing of where it was opened before, is in a file', async () => {
	const record = runRecord('a');
	const endpoint = 'https://user:hunter2@api.test/v1?key=sk-secret';
	const reviser = { ...record.recipe.reviser, endpoint, model: 'm' };
	const bytes = await pack({ ...record, origin: 'file', recipe: { ...record.recipe, reviser } });
	const text = gunzipSync(bytes).toString();
	expect(text).toContain('https://api.test/v1');
	expect(text).not.toMatch(/hunter2|sk-secret|"origin"/);
});

describe('a file is refused', () => {
	test('when it is none, by the first thing that is wrong', async () => {
		expect((await failure(new TextEncoder().encode('{"a":1}'))).code).toBe('run-file-invalid');
		expect((await failure(new TextEncoder().encode('hello'))).code).toBe('run-file-invalid');
		expect((await failure(new Uint8Array())).code).toBe('run-file-invalid');
	});

	test('when it was cut off', async () => {
		const bytes = await pack();
		expect((await failure(bytes.slice(0, bytes.length / 2))).code).toBe('compressed-damaged');
	});

	test('when a newer version wrote it', async () => {
		expect((await failure(await changed((json) => (json.version = 9)))).code).toBe('run-newer');
	});

	test('when a field is not as it must be, with its path', async () => {
		const error = await failure(
			await changed(({ record }) => (record.heldOut[0]!.estimate['score'] = '<img onerror=alert(1)>')),
		);
		expect(error.code).toBe('run-file-invalid');
		expect(error.message).toContain('heldOut.0.estimate.score');
	});

	test('when its adapter is damaged', async () => {
		const cut = await changed(({ adapters }) => (adapters[0]!.weights = adapters[0]!.weights.slice(0, 400)));
		expect(await failure(cut)).toBeInstanceOf(AppError);
		expect((await failure(await changed(({ adapters }) => (adapters[0]!.weights = '***')))).code).toBe(
			'base64-invalid',
		);
	});
});

test('the recorded run that comes with the page can be read, and is small', async () => {
	const bytes = new Uint8Array(readFileSync('public/recorded/loop.run.json.gz'));
	expect(bytes.length).toBeLessThan(650_000);
	const { record, adapters } = await readRunFile(bytes, 'recorded');
	expect(record.phase).toBe('done');
	expect(record.device?.backend).toBe('wasm');
	expect(record.metrics).toHaveLength(record.recipe.training.steps);
	expect(adapters.map(({ step }) => step)).toEqual([record.recipe.training.steps]);
	expect(record.heldOut.at(-1)?.answers.length).toBe(record.recipe.evaluation.count);
});
