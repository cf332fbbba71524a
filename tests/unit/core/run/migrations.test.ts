/** Runs stored by earlier versions open with the right content and continue with the same pairs. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { clair } from '#core/pair/methods/clair.ts';
import { migrateRun, ownPairId, readStoredRun } from '#core/run/migrations.ts';
import { RUN_SCHEMA, type RunRecord, runRecordSchema } from '#core/run/run.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#runtime/storage/checkpointFile.ts';
import { readStoredFixture, type RecordOfForm1 } from '#tests/support/fixtures.ts';
import { runRecord } from '#tests/support/runs.ts';

const bytesOf = (path: string) => new Uint8Array(readFileSync(path));
const FILE = 'tests/fixtures/run-file-1.run.json.gz';
const stored = await readStoredFixture(bytesOf('tests/fixtures/stored-run-2.json.gz'));
const storedRecord = JSON.parse(stored.runs[0]!.text) as RecordOfForm1;

/** Every row has its own id and provenance, and the same content as before. */
function expectSameRun(now: RunRecord, before: RecordOfForm1): void {
	expect(now.schema).toBe(RUN_SCHEMA);
	expect(now.outputs.map(({ id, text }) => [id, text])).toEqual(
		before.outputs.map(({ prompt, text }) => [`${prompt.id}.o1`, text]),
	);
	expect(now.revisions.map(({ id, output, state, revised }) => [id, output.id, state, revised])).toEqual(
		before.revisions.map(({ id, state, revised }) => [`${id}.o1.r1`, `${id}.o1`, state, revised]),
	);
	expect(now.pairs.map(({ id, from, chosen, rejected }) => [id, from, chosen, rejected])).toEqual(
		before.pairs.map(({ id, chosen, rejected }) => [
			`${id}.p1`,
			{ chosen: { kind: 'revision', id: `${id}.o1.r1` }, rejected: { kind: 'output', id: `${id}.o1` } },
			chosen,
			rejected,
		]),
	);
	expect(now.trails).toEqual(before.trails.map((point) => ({ ...point, pairId: `${point.pairId}.p1` })));
	for (const rows of [now.outputs, now.revisions, now.pairs])
		expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
}

test('a run file of the first form opens', async () => {
	const { record } = JSON.parse(gunzipSync(bytesOf(FILE)).toString()) as { record: RecordOfForm1 };
	const read = await readRunFile(bytesOf(FILE), FILE);
	expect(record.schema).toBe(1);
	expectSameRun(read.record, record);
	expect(read.record.recipe.training.activations).toBe('auto');
	expect(read.adapters).toHaveLength(1);
});

test('a record from the database of version 2 opens, and is what a file must be', () => {
	const migrated = migrateRun(storedRecord, 'Sunday') as RunRecord;
	expectSameRun(migrated, storedRecord);
	expect(v.parse(runRecordSchema, migrated)).toEqual(migrated);
	expect(migrateRun(migrated, 'Sunday')).toBe(migrated);
	// The run's revisions give exactly its stored pairs.
	const { outputs, revisions, recipe, pairs } = migrated;
	expect(
		clair.build({ outputs, answers: [], revisions, judgements: [], imported: [] }, recipe.pairs).pairs,
	).toEqual(pairs);
});

test('the checkpoints of that run name its pairs as the record now does', () => {
	const { pairs } = migrateRun(storedRecord, 'Sunday') as RunRecord;
	for (const { key, step } of stored.checkpoints) {
		const checkpoint = decodeCheckpoint(stored.files[key]!);
		expect([checkpoint.adapter.step, checkpoint.state?.step]).toEqual([step, step]);
		expect(new Set(Object.keys(checkpoint.state?.referenceLogps ?? {}))).toEqual(
			new Set(pairs.map(({ id }) => id)),
		);
		expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
	}
});

test('the second imported pair of a prompt keeps its number', () => {
	expect(ownPairId('u-0a1b2c3d')).toBe('u-0a1b2c3d.p1');
	expect(ownPairId('u-0a1b2c3d-2')).toBe('u-0a1b2c3d.p2');
	// Eight digits are a hash, not a number at the end.
	expect(ownPairId('w-12345678')).toBe('w-12345678.p1');
	const prompt = { id: 'u-0a1b2c3d', text: 'p', family: null };
	const pair = { id: 'u-0a1b2c3d-2', prompt, chosen: 'a', rejected: 'b', method: 'imported', edited: false };
	const record = { ...runRecord('a'), schema: 1, pairs: [pair], heldOutPairs: [pair] };
	const migrated = migrateRun(record, 'x') as RunRecord;
	expect(migrated.pairs).toEqual([{ ...pair, id: 'u-0a1b2c3d.p2', from: null }]);
	expect(migrated.heldOutPairs).toEqual(migrated.pairs);
});

describe('what older versions left out', () => {
	test('is written down', () => {
		const later = new Set(['heldOutPrompts', 'heldOutPairs', 'engine', 'activations']);
		const record = { ...runRecord('a'), schema: 1 };
		const text = JSON.stringify(record, (key, value: unknown) => (later.has(key) ? undefined : value));
		const { recipe } = record;
		expect(migrateRun(JSON.parse(text), 'x')).toMatchObject({ heldOutPrompts: [], heldOutPairs: [], recipe });
	});

	test('and a report of programs that is not as it is today is dropped', () => {
		const device = { ...DEVICE, kernels: { settings: { programs: 'auto' } } };
		expect(migrateRun({ ...runRecord('a'), schema: 1, device }, 'x')).toMatchObject({ device: DEVICE });
		expect(migrateRun({ ...runRecord('a'), schema: 1, device }, 'x')).not.toHaveProperty('device.kernels');
	});
});

test('a newer form is refused with what to do', () => {
	const newer = { ...runRecord('a'), schema: RUN_SCHEMA + 1 };
	expect(() => migrateRun(newer, 'Sunday')).toThrow(FormatError);
	expect(() => migrateRun(newer, 'Sunday')).toThrow(/Sunday was written by a newer version: it has form 3/);
});

test('a stored run with an objective that is not registered is refused with the known ones', () => {
	const record = runRecord('a');
	const unknown = { ...record, recipe: { ...record.recipe, objective: { id: 'ppo', beta: 1 } } };
	expect(readStoredRun(JSON.stringify(record), 'Sunday')).toEqual(record);
	expect(() => readStoredRun(JSON.stringify(unknown), 'Sunday')).toThrow(
		expect.objectContaining({
			code: 'unknown-objective',
			message: 'There is no objective “ppo”.',
			hint: expect.stringContaining('apo_zero, apo_down, dpo') as string,
		}),
	);
});

test.each([null, 3, 'text', [], {}, { schema: 'x' }, { schema: 1, outputs: [7], pairs: {}, trails: null }])(
	'what is no record reaches the schema and is refused there: %j',
	(json) => {
		expect(v.safeParse(runRecordSchema, migrateRun(json, 'x')).success).toBe(false);
	},
);

const DEVICE = {
	backend: 'wasm',
	vendor: '',
	architecture: '',
	description: '',
	features: [],
	limits: {},
	fallbackReason: null,
};
