/** The embedded model with its weights in f16: loaded again at the setting, half the bytes, nearly the same log-probabilities. */
import { expect, test } from 'vitest';
import type { PreferencePair } from '#core/pair/pair.ts';
import { worldPrompts } from '#core/world/prompts.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { memoryReport } from '#engine/memory.ts';
import { modelCatalogue } from '#runtime/artifacts/catalogue.ts';
import { loadModelFiles } from '#runtime/artifacts/modelFiles.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { HostEngine } from '#worker/hostEngine.ts';

test('weights in f16 take half the memory and change the log-probabilities little', async () => {
	let device: Device | null = null;
	const engine = new HostEngine({
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
		edited: false,
	};
	const exact = await engine.tokenLogps(pair, null);
	const report = await engine.setKernels({ programs: 'auto', weights: 'f16' });
	expect(report.kernels?.settings.weights).toBe('f16');
	const rounded = await engine.tokenLogps(pair, null);
	const half = memoryReport().bytesUsed - before;
	console.log('bytes', wide, half, 'logps', [...exact.chosen].slice(0, 6), [...rounded.chosen].slice(0, 6));
	expect(half).toBeLessThan(0.7 * wide);
	expect(rounded.chosen.length).toBe(exact.chosen.length);
	for (const [i, value] of exact.chosen.entries()) expect(rounded.chosen[i]).toBeCloseTo(value, 1);
	expect((device as Device | null)?.fault()?.message).toBeUndefined();
	await engine.dispose();
});
