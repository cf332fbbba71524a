/**
 * A run that was interrupted in an earlier version resumes from its checkpoint and reaches the numbers of an
 * uninterrupted run.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSafetensors } from '#core/format/safetensors.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrainEvent, TrainerState } from '#core/ports.ts';
import type { RunRecord } from '#core/run/run.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { fetchStoredFixture, storeFixture } from '#tests/support/storedRun.ts';
import { ComputeClient } from '#worker/client.ts';

const NAME = 'test-stored-run';
let store: BrowserRunStore;
let client: ComputeClient;

beforeAll(async () => {
	store = new BrowserRunStore({ name: NAME, blobs: 'files' });
	const worker = new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), {
		type: 'module',
	});
	client = new ComputeClient(worker, () => worker.terminate());
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await client.load(source!, () => undefined, new AbortController().signal);
});
afterAll(async () => {
	for (const { id } of (await store.survey()).runs) await store.remove(id);
	await store.close();
	await client.dispose();
});

async function train({ recipe }: RunRecord, pairs: readonly PreferencePair[], resume: TrainerState) {
	const events: TrainEvent[] = [];
	const job = { runId: 'run', recipe, pairs, resume, startPaused: false, answers: null };
	await client.train(job, (event) => events.push(event)).finished;
	return events;
}

/** Metrics of every step without its wall time, and the rewards of its pairs. */
function measured(events: readonly TrainEvent[], pairs: readonly PreferencePair[]) {
	const place = new Map(pairs.map(({ id }, i) => [id, i]));
	return events.flatMap((event) => {
		if (event.type !== 'step') return [];
		const metrics = { ...event.metrics, seconds: 0, tokensPerSecond: 0 };
		return [{ metrics, batch: event.batch.map(({ pairId, ...rest }) => [place.get(pairId), rest]) }];
	});
}

test('it opens, and trains from step 4 to the end', async () => {
	const fixture = await fetchStoredFixture();
	await storeFixture(NAME, fixture);
	const { id, text } = fixture.runs[0]!;
	const record = (await store.read(id))!;
	expect([record.phase, record.checkpoints]).toEqual(['training', [2, 4]]);
	const { state } = (await store.readCheckpoint(id, 4))!;
	const events = await train(record, record.pairs, state!);
	const steps = measured(events, record.pairs);
	expect(steps.map(({ metrics }) => metrics.step)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
	expect(events.at(-1)?.type).toBe('done');
	// The checkpoint has every pair, so none is measured again.
	expect(
		events.some((event) => event.type === 'progress' && event.progress.phase.startsWith('Reference')),
	).toBe(false);

	// Resumes like the earlier version: with the ids that it stored in its record and its checkpoint.
	const before = JSON.parse(text) as RunRecord;
	const { metadata } = readSafetensors(fixture.files[`${id}.step-4`]!);
	const { referenceLogps } = JSON.parse(metadata['state']!) as Pick<TrainerState, 'referenceLogps'>;
	expect(Object.keys(referenceLogps)).toEqual(expect.arrayContaining(before.pairs.map((pair) => pair.id)));
	const earlier = await train(record, before.pairs, { ...state!, referenceLogps });
	expect(steps).toEqual(measured(earlier, before.pairs));
});
