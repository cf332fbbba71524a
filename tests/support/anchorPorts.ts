/** The page's ports in Node with the embedded model: the real compute engine on wasm, and the real cast. */
import { readFile } from 'node:fs/promises';
import type { AppPorts } from '#app/ports.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { openBackend } from './backends.ts';
import { createFakes, SOURCE } from './fakes.ts';
import { memoryKernelStore } from './kernelStore.ts';

const PAGE = { baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch } as const;

/** Answers requests for the page's own model from its folder. */
const fetchModel: typeof fetch = async (url) => {
	const name = new URL(url instanceof Request ? url.url : url).pathname.split('/').at(-1) ?? '';
	return new Response(await readFile(new URL(`../../public/models/anchor-1m/${name}`, import.meta.url)));
};

export function anchorPorts(): { ports: AppPorts; dispose: () => Promise<void> } {
	const engines: LocalComputeEngine[] = [];
	const { ports } = createFakes();
	return {
		ports: {
			...ports,
			newCompute: () => {
				const engine = new LocalComputeEngine({
					openDevice: () => openBackend('wasm'),
					loadFiles: (...request) => loadModelFiles(...request, { fetch: fetchModel }),
					kernelStore: memoryKernelStore(),
				});
				engines.push(engine);
				return engine;
			},
			catalogue: {
				list: () => Promise.resolve([{ ...SOURCE, url: 'https://models.test/anchor-1m/' }]),
				libraries: () => Promise.resolve([]),
			},
			reviser: ({ model }) => embeddedModel(PAGE, model),
		},
		dispose: async () => {
			for (const engine of engines) await engine.dispose();
		},
	};
}
