/** A page in a frame, with the browser's storage and the real engine on the processor. Removing the frame closes the page at once. */
import { Session } from '#app/session.svelte.ts';
import { BrowserGridStore } from '#runtime/storage/gridStore.ts';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { BrowserSetStore } from '#runtime/storage/setStore.ts';
import { ComputeClient } from '#worker/client.ts';
import { composePorts } from '../../../src/compose.ts';

declare global {
	/** Opens a page on the stores of a name. */
	var openGridPage: (name: string) => Promise<Session>;
}

function startCompute(): ComputeClient {
	const worker = new Worker(new URL('../../../src/worker/compute.worker.ts', import.meta.url), {
		type: 'module',
		name: 'compute-wasm',
	});
	return new ComputeClient(worker, () => worker.terminate());
}

// The test runner defines it in its own frame only.
Object.assign(globalThis, { __VERSIONS__: { anchorage: 'test' } });

let compute: ComputeClient | undefined;

globalThis.openGridPage = async (name) => {
	const session = new Session({
		...composePorts(`${self.origin}/`),
		// Sessions of one frame share the engine, which loads the model once.
		newCompute: () => (compute ??= startCompute()),
		store: new BrowserRunStore({ name }),
		sets: new BrowserSetStore(name),
		grids: new BrowserGridStore(name),
	});
	await session.start();
	return session;
};
