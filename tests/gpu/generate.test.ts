/**
 * Generation at its edges: batches of all sizes, mixed settings in one batch, prompts and answers that fill
 * the positions, cancel.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import { rng } from '#core/math/rng.ts';
import type { Device } from '#engine/device.ts';
import { memoryReport } from '#engine/memory.ts';
import type { Decoder } from '#model/decoder.ts';
import { generateBatch, type Generated, type GenerateRow } from '#model/generate.ts';
import { goldenAdapter, goldenDecoder, modelFiles, type ReadGolden } from '#tests/golden/goldenModel.ts';
import { openLora } from '#tests/golden/modelNumbers.ts';
import { openBackend, type TestBackend } from '#tests/support/backends.ts';
import { fetchGoldens } from './fetchGoldens.ts';

const FOLDER = 'model-llama';
const BACKENDS: readonly TestBackend[] = ['webgpu', 'webgpu-plain', 'wasm'];
const HEAD = [14, 115, 39];
const NO_STOP = { stopIds: new Set<number>() };

/** A prompt of 4 to 12 tokens with the same start as the others. */
function promptOf(seed: number): number[] {
	const random = rng(seed);
	return [...HEAD, ...Array.from({ length: 1 + random.int(9) }, () => random.int(200))];
}

const rowOf = (seed: number, more: Partial<GenerateRow> = {}): GenerateRow => ({
	ids: promptOf(seed),
	maxTokens: 6,
	temperature: 0,
	topP: 1,
	seed,
	...more,
});

describe.each(BACKENDS)('generation on %s', (backend) => {
	let device: Device;
	let read: ReadGolden;
	let model: Decoder;
	const generate = (rows: readonly GenerateRow[], stopIds = new Set<number>()): Promise<Generated[]> =>
		generateBatch(model, null, rows, { stopIds });

	beforeAll(async () => {
		device = await openBackend(backend);
		read = await fetchGoldens(modelFiles(FOLDER));
		model = goldenDecoder(read, FOLDER);
	});
	afterAll(() => {
		model.dispose();
		expect(device.fault()).toBeNull();
	});

	test('129 rows of mixed settings and lengths answer as each does alone', async () => {
		const rows = Array.from({ length: 129 }, (_, i) =>
			rowOf(i, {
				temperature: [0, 1, 0.7][i % 3] ?? 0,
				topP: [1, 0.9, 1e-6, 0.5][i % 4] ?? 1,
				maxTokens: 1 + (i % 7),
			}),
		);
		const together = await generate(rows);
		expect(together.map(({ ids }) => ids.length)).toEqual(rows.map(({ maxTokens }) => maxTokens));
		for (const i of [0, 1, 2, 3, 64, 127, 128]) {
			expect(await generate([rows[i]!]), `row ${i}`).toEqual([together[i]]);
		}
		expect(await generate(rows)).toEqual(together);
	});

	test('a tiny top-p and temperature 0 are the same answer; another seed is another', async () => {
		const rows = [0, 1, 2, 3].map((seed) => rowOf(seed, { maxTokens: 12 }));
		const greedy = await generate(rows);
		expect(await generate(rows.map((row) => ({ ...row, temperature: 1, topP: 1e-6 })))).toEqual(greedy);
		const sampled = await generate(rows.map((row) => ({ ...row, temperature: 1 })));
		expect(sampled).not.toEqual(greedy);
		expect(await generate(rows.map((row) => ({ ...row, temperature: 1, seed: row.seed + 50 })))).not.toEqual(
			sampled,
		);
	});

	test('a stop token ends its row alone and is no part of the answer', async () => {
		const rows = [0, 1, 2, 3, 4].map((seed) => rowOf(seed, { maxTokens: 10 }));
		const free = await generate(rows);
		const stop = free[2]!.ids[3]!;
		const stopped = await generate(rows, new Set([stop]));
		for (const [i, { ids, finishReason }] of stopped.entries()) {
			const at = free[i]!.ids.indexOf(stop);
			expect(ids).toEqual(at < 0 ? free[i]!.ids : free[i]!.ids.slice(0, at));
			expect(finishReason).toBe(at < 0 ? 'length' : 'stop');
		}
	});

	test('an answer ends where the positions do; a prompt that fills them is refused', async () => {
		const short: Decoder = { ...model, positions: 16 };
		const rows = [
			rowOf(1, { ids: promptOf(1).slice(0, 4), maxTokens: 50 }),
			rowOf(2, { ids: HEAD, maxTokens: 2 }),
		];
		const [long, brief] = await generateBatch(short, null, rows, NO_STOP);
		expect(long).toMatchObject({ finishReason: 'length' });
		expect(long!.ids).toHaveLength(12);
		expect(brief!.ids).toHaveLength(2);
		const filling = rowOf(3, { ids: new Array<number>(16).fill(5) });
		await expect(generateBatch(short, null, [filling], NO_STOP)).rejects.toThrow('16 tokens');
	});

	test('a cancel arrives between tokens, what was done is reported, and nothing leaks', async () => {
		const lora = openLora(model, goldenAdapter(read, FOLDER));
		const run = (signal: AbortSignal, onDone: (row: number) => void): Promise<Generated[]> =>
			generateBatch(
				model,
				lora.binding,
				Array.from({ length: 20 }, (_, i) => rowOf(i, { maxTokens: i === 4 ? 2 : 100 })),
				{ ...NO_STOP, signal, onDone },
			);
		const early = new AbortController();
		early.abort();
		await expect(run(early.signal, () => undefined)).rejects.toThrow(Cancelled);
		const { tensors } = memoryReport();
		const late = new AbortController();
		const done: number[] = [];
		const running = run(late.signal, (row) => {
			done.push(row);
			late.abort();
		});
		await expect(running).rejects.toThrow(Cancelled);
		expect(done).toEqual([4]);
		expect(memoryReport().tensors).toBe(tensors);
		lora.dispose();
	});

	test('an adapter merged into the weights answers as one beside them', async () => {
		const lora = openLora(model, goldenAdapter(read, FOLDER));
		const rows = [0, 1, 2, 3, 4].map((seed) => rowOf(seed, { maxTokens: 10 }));
		const merged = await generateBatch(model, lora.binding, rows, NO_STOP);
		const beside = await generateBatch(model, lora.binding, rows, { ...NO_STOP, mergeBytes: 0 });
		expect(beside).toEqual(merged);
		expect(merged).not.toEqual(await generate(rows));
		lora.dispose();
	});
});
