/** A browser's storage from an earlier version: the fixture's rows and files under another name. */
import { openDB } from 'idb';
import { readStoredFixture, type StoredFixture } from './fixtures.ts';
import address from '../fixtures/stored-run-2.json.gz?url';

export async function fetchStoredFixture(): Promise<StoredFixture> {
	const reply = await fetch(address);
	if (!reply.ok) throw new Error(`The test server has no fixture: ${reply.status}.`);
	return readStoredFixture(new Uint8Array(await reply.arrayBuffer()));
}

/**
 * Writes the fixture in the form of database version 2, with checkpoints as files of the private file system.
 */
export async function storeFixture(name: string, fixture: StoredFixture): Promise<void> {
	const database = await openDB(name, fixture.version, {
		upgrade: (empty) => {
			empty.createObjectStore('runs', { keyPath: 'id' });
			empty.createObjectStore('summaries', { keyPath: 'id' });
			empty.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
			empty.createObjectStore('blobs');
		},
	});
	for (const table of ['runs', 'summaries', 'checkpoints'] as const)
		for (const row of fixture[table]) await database.put(table, row);
	database.close();
	const root = await navigator.storage.getDirectory();
	const folder = await root.getDirectoryHandle(`${name}-checkpoints`, { create: true });
	for (const [key, bytes] of Object.entries(fixture.files)) {
		const file = await folder.getFileHandle(encodeURIComponent(key), { create: true });
		const writer = await file.createWritable();
		await writer.write(bytes);
		await writer.close();
	}
}
