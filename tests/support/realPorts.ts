/** The page's ports in Node: the real compute engine on wasm, the real keeper of models, and the real built-in reviser. */
import type { AppPorts } from '#app/ports.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';
import type { FileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { KeptStore } from '#runtime/models/kept/keptStore.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { openBackend } from './backends.ts';
import { createFakes } from './fakes.ts';
import { memoryKernelStore } from './kernelStore.ts';

const PAGE = { baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch } as const;

/** @param cache where models are kept */
export function realPorts(cache: FileCache): { ports: AppPorts; dispose: () => Promise<void> } {
	const engines: LocalComputeEngine[] = [];
	const { ports } = createFakes();
	return {
		ports: {
			...ports,
			newCompute: () => {
				const engine = new LocalComputeEngine({
					openDevice: () => openBackend('wasm'),
					loadFiles: (...request) => loadModelFiles(...request, { cache }),
					kernelStore: memoryKernelStore(),
				});
				engines.push(engine);
				return engine;
			},
			models: new LocalModelKeeper({ cache }),
			catalogue: {
				list: async () => (await new KeptStore(cache).shelf()).kept.map(({ source }) => source),
				libraries: () => Promise.resolve([]),
			},
			reviser: ({ model }) => embeddedModel(PAGE, model),
		},
		dispose: async () => {
			for (const engine of engines) await engine.dispose();
		},
	};
}
