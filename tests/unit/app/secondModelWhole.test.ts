/**
 * A whole data phase with real engines in Node: the embedded model answers, leaves, and revises as its own second model. It
 * is far too small to follow the request, so the test shows that useless replies are kept and refused row by row.
 */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { openDevice } from '#engine/device.ts';
import { Session } from '#app/session.svelte.ts';
import type { ModelSource } from '#core/model/model.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { createFakes, SMALL, SOURCE } from '#tests/support/fakes.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';

const FOLDER = 'http://models.test/anchor-1m/';

async function fromDisk(input: RequestInfo | URL): Promise<Response> {
	const address = input instanceof Request ? input.url : input.toString();
	const path = new URL(`../../../public/models/anchor-1m/${address.slice(FOLDER.length)}`, import.meta.url);
	return new Response(await readFile(path));
}

test('a second model runs in the engine of the first; each useless reply is kept with its reason', async () => {
	const { ports } = createFakes();
	const loads: string[] = [];
	const cache = openFileCache();
	ports.newCompute = () =>
		new LocalComputeEngine({
			openDevice: () => openDevice({ backend: 'wasm' }),
			loadFiles: (source, onProgress, signal) => {
				loads.push(source.id);
				return loadModelFiles(source, onProgress, signal, { fetch: fromDisk, cache });
			},
			kernelStore: memoryKernelStore(),
		});
	const second: ModelSource = { ...SOURCE, id: 'second', title: 'Second', url: FOLDER };
	ports.catalogue = {
		list: () => Promise.resolve([{ ...SOURCE, url: FOLDER }, second]),
		libraries: () => Promise.resolve([]),
	};
	const session = new Session(ports);
	session.draft.load({
		...SMALL,
		prompts: { ...SMALL.prompts, count: 4 },
		reviser: { ...SMALL.reviser, endpoint: 'local', model: second.id, concurrency: 4, maxTokens: 12 },
	});
	await session.start();
	await session.startRun();
	expect(loads).toEqual(['anchor-1m', 'second', 'anchor-1m']);
	const { rows } = session.steps.revision;
	expect(rows).toHaveLength(4);
	for (const row of rows) {
		expect(row).toMatchObject({ state: 'rejected', reviser: 'second', attempts: 1, error: null });
		expect(row.rawReply).not.toBeNull();
	}
	expect(session.run.failure).toMatchObject({ error: { code: 'no-pairs' }, repair: 'change-recipe' });
	expect(session.engines.loadedModel).toBe('anchor-1m');
});
