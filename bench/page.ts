/** The benchmark's page: starts the engine that the script names and does one step at a time, so that the script can count CPU. */
import type { BenchEngine } from './problem.ts';
import type { OursReport } from './ours.ts';

export type EngineName = 'ours' | 'oursWasm' | 'tfjsStock' | 'tfjsWasm' | 'jaxWebgpu' | 'jaxWasm';

const START: Record<EngineName, (layers?: number) => Promise<BenchEngine>> = {
	ours: async (layers) => (await import('./ours.ts')).ours('webgpu', layers),
	oursWasm: async (layers) => (await import('./ours.ts')).ours('wasm', layers),
	tfjsStock: async () => {
		const tf = await import('@tensorflow/tfjs-core');
		await import('@tensorflow/tfjs-backend-webgpu');
		await tf.setBackend('webgpu');
		await tf.ready();
		return (await import('./peers/tfjsStock.ts')).tfjsStock();
	},
	tfjsWasm: async () => {
		const [{ openDevice }, { wasmFiles }] = await Promise.all([
			import('#engine/device.ts'),
			import('#engine/wasm-files.ts'),
		]);
		await openDevice({ backend: 'wasm', wasmFiles });
		return (await import('./peers/tfjsStock.ts')).tfjsStock();
	},
	jaxWebgpu: async () => (await import('./peers/jaxjs.ts')).jaxJs('webgpu'),
	jaxWasm: async () => (await import('./peers/jaxjs.ts')).jaxJs('wasm'),
};

let engine: BenchEngine | null = null;

const bench = {
	start: async (name: EngineName, layers?: number): Promise<void> => {
		engine = await START[name](layers);
	},
	step: async (): Promise<{ loss: number; ms: number }> => {
		if (engine === null) throw new Error('No engine was started.');
		const begin = performance.now();
		const loss = await engine.step();
		return { loss, ms: performance.now() - begin };
	},
	report: (): OursReport | null =>
		engine !== null && 'report' in engine
			? (engine as BenchEngine & { report(): OursReport | null }).report()
			: null,
};

declare global {
	var bench: {
		start: (name: EngineName, layers?: number) => Promise<void>;
		step: () => Promise<{ loss: number; ms: number }>;
		report: () => OursReport | null;
	};
}
globalThis.bench = bench;
document.body.dataset['ready'] = 'true';
