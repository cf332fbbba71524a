/**
 * The benchmark's page: starts the engine that the script names and runs one step at a time, so that the
 * script can count CPU.
 */
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { at } from '#core/math/at.ts';
import type { AddingBench } from './adding.ts';
import type { GenerationBench, GenerationReading, GenerationWay } from './generation.ts';
import type { LeakReport } from './leak.ts';
import type { MemoryCounts } from './memory.ts';
import type { OursReport } from './ours.ts';
import { recipeWorkload } from '../workloads/recipeWorkload.ts';
import { stepWorkload } from '../workloads/stepWorkload.ts';
import type { BenchEngine, Workload } from '../workloads/workload.ts';

export type EngineName = 'ours' | 'oursWasm' | 'tfjsStock' | 'tfjsWasm' | 'jaxWebgpu' | 'jaxWasm';
export type WorkloadName = 'step' | 'recipe';

export interface StartOptions {
	engine: EngineName;
	workload: WorkloadName;
	/** Layers of the step; fewer than the problem's show the cost of one layer. */
	layers?: number;
	/** For our engine on WebGPU: compiles the programs before the run. */
	ahead?: boolean;
}

async function loadWorkload({ workload, layers }: StartOptions): Promise<Workload> {
	if (workload === 'step') return stepWorkload(layers);
	const source = at(await modelCatalogue(new URL('/', location.href).href).list(), 0);
	const never = new AbortController().signal;
	return recipeWorkload(await loadModelFiles(source, () => undefined, never));
}

async function tfjsStock(backend: 'webgpu' | 'wasm', workload: Workload): Promise<BenchEngine> {
	if (backend === 'webgpu') {
		// Set up by the package itself: its own device, its own limits.
		const tf = await import('@tensorflow/tfjs-core');
		await import('@tensorflow/tfjs-backend-webgpu');
		await tf.setBackend('webgpu');
		await tf.ready();
	} else {
		const [{ openDevice }, { wasmFiles }] = await Promise.all([
			import('#engine/device.ts'),
			import('#engine/host/wasmFiles.ts'),
		]);
		await openDevice({ backend: 'wasm', wasmFiles });
	}
	return (await import('../peers/tfjsStock.ts')).tfjsStock(workload);
}

/** jax-js supports only the seeded step. */
async function jaxJs(device: 'webgpu' | 'wasm', workload: WorkloadName): Promise<BenchEngine> {
	if (workload !== 'step') throw new Error(`jax-js has no workload "${workload}".`);
	return (await import('../peers/jaxjs.ts')).jaxJs(device);
}

async function startEngine(options: StartOptions): Promise<BenchEngine> {
	switch (options.engine) {
		case 'ours':
		case 'oursWasm': {
			const { ours } = await import('./ours.ts');
			const backend = options.engine === 'ours' ? 'webgpu' : 'wasm';
			return ours(backend, await loadWorkload(options), options.ahead);
		}
		case 'tfjsStock':
			return tfjsStock('webgpu', await loadWorkload(options));
		case 'tfjsWasm':
			return tfjsStock('wasm', await loadWorkload(options));
		case 'jaxWebgpu':
			return jaxJs('webgpu', options.workload);
		case 'jaxWasm':
			return jaxJs('wasm', options.workload);
	}
}

let engine: BenchEngine | null = null;
let generation: GenerationBench | null = null;
let adding: AddingBench | null = null;

const bench = {
	start: async (options: StartOptions): Promise<void> => {
		engine = await startEngine(options);
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
	/** Opens both engines that answer, checked and warm. */
	openGeneration: async (): Promise<void> => {
		generation = await (await import('./generation.ts')).openGeneration();
	},
	generate: (way: GenerationWay): Promise<GenerationReading> => {
		if (generation === null) throw new Error('The engines that answer were not opened.');
		return generation.run(way);
	},
	measureLeak: async (steps: number): Promise<LeakReport> => (await import('./leak.ts')).measureLeak(steps),
	measureMemory: async (): Promise<MemoryCounts> => (await import('./memory.ts')).measureMemory(),
	openAdding: async (): Promise<void> => {
		adding = new (await import('./adding.ts')).AddingBench();
		await adding.open();
	},
	addModel: (address: string): Promise<void> => required(adding).add(address),
	loadModel: (): Promise<void> => required(adding).load(),
	device: async (): Promise<string> => {
		const info = (await (navigator as { gpu?: GPU }).gpu?.requestAdapter())?.info;
		return info === undefined ? 'no WebGPU' : `${info.vendor} ${info.architecture}`;
	},
};

function required<T>(opened: T | null): T {
	if (opened === null) throw new Error('It was not opened.');
	return opened;
}

type Bench = typeof bench;
declare global {
	var bench: Bench;
}
globalThis.bench = bench;
document.body.dataset['ready'] = 'true';
