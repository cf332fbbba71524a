/**
 * The embedded model with f16 weights: reloaded after the setting changes, half the bytes, nearly the same
 * numbers, the same answers.
 */
import { expect, test } from 'vitest';
import type { PreferencePair } from '#core/pair/pair.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { memoryReport } from '#engine/memory.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { allAnswered } from '../support/replies.ts';
import { readPair } from '#tests/support/readPair.ts';

test('weights in f16 take half the memory, change the log-probabilities little and the greedy answers not at all', async () => {
	let device: Device | null = null;
	const engine = new LocalComputeEngine({
		openDevice: async () => (device = await openDevice({ backend: 'webgpu' })),
		loadFiles: loadModelFiles,
		kernelStore: memoryKernelStore(),
	});
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await engine.device();
	const before = memoryReport().bytesUsed;
	await engine.load(source!, () => undefined, new AbortController().signal);
	const wide = memoryReport().bytesUsed - before;
	const [prompt] = worldPrompts({ count: 1, seed: 5, split: 'train' });
	const pair: PreferencePair = {
		id: 'p',
		prompt: prompt!,
		chosen: 'The answer is yes.',
		rejected: 'I do not know.',
		method: 'clair',
		from: null,
		edited: false,
	};
	const adapter = randomAdapter(
		(await loadModelFiles(source!, () => undefined, new AbortController().signal)).config,
		8,
		3,
		0.08,
	);
	const answers = async (): Promise<string[]> => {
		const prompts = worldPrompts({ count: 6, seed: 9, split: 'heldOut' }).map(({ text }) => [
			{ role: 'user' as const, content: text },
		]);
		const sampling = { temperature: 0, topP: 1, maxTokens: 24, seed: 1 };
		const ask = (strength: number) =>
			engine.generate(
				{ prompts, sampling, adapter, strength },
				() => undefined,
				new AbortController().signal,
			);
		return allAnswered([...(await ask(0)), ...(await ask(1))]).map(({ text }) => text);
	};
	const exact = await readPair(engine, pair, null);
	const answered = await answers();
	const report = await engine.setKernels({ programs: 'auto', weights: 'f16', arithmetic: 'f32' });
	expect(report.kernels?.settings.weights).toBe('f16');
	const rounded = await readPair(engine, pair, null);
	const half = memoryReport().bytesUsed - before;
	expect(await answers()).toEqual(answered);
	// The adapter changes some answers, so both code paths ran.
	expect(answered.slice(6)).not.toEqual(answered.slice(0, 6));
	expect(half).toBeLessThan(0.7 * wide);
	expect(rounded.chosen.length).toBe(exact.chosen.length);
	for (const [i, value] of exact.chosen.entries()) expect(rounded.chosen[i]).toBeCloseTo(value, 1);
	expect((device as Device | null)?.fault()?.message).toBeUndefined();
	await engine.dispose();
});
