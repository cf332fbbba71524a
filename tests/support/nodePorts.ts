/** The page's ports in Node with real parts: the compute engine on wasm, and the built-in cast. */
import type { AppPorts } from '#app/ports.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { openBackend } from './backends.ts';
import { createFakes } from './fakes.ts';
import { memoryKernelStore } from './kernelStore.ts';

const PAGE = { baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch } as const;

export interface NodePorts {
	ports: AppPorts;
	dispose: () => Promise<void>;
}

/**
 * @param from where the files of a model are read
 * @param parts ports that differ
 */
export function nodePorts(from: Parameters<typeof loadModelFiles>[3], parts: Partial<AppPorts>): NodePorts {
	const engines: LocalComputeEngine[] = [];
	const { ports } = createFakes();
	return {
		ports: {
			...ports,
			newCompute: () => {
				const engine = new LocalComputeEngine({
					openDevice: () => openBackend('wasm'),
					loadFiles: (...request) => loadModelFiles(...request, from),
					kernelStore: memoryKernelStore(),
				});
				engines.push(engine);
				return engine;
			},
			reviser: ({ model }) => embeddedModel(PAGE, model),
			openModel: (source) => loadModelFiles(source, () => undefined, new AbortController().signal, from),
			...parts,
		},
		dispose: async () => {
			for (const engine of engines) await engine.dispose();
		},
	};
}
