/** A download that an earlier version left unfinished, in larger parts, goes on with them. */
import { afterEach, expect, test } from 'vitest';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { MODEL_PARTS } from '#runtime/models/modelScopes.ts';
import { openParts } from '#runtime/models/transfer/partStore.ts';
import { tagOf } from '#runtime/models/transfer/remoteFile.ts';
import { BYTES, bytesOf, closeHubs, downloadOf, start, WEIGHTS } from './resuming.ts';

const FORMER = 2 ** 24;
afterEach(closeHubs);

test('its parts are found, finished files are not loaded again, and all are deleted', async () => {
	const { hub, weights } = await start();
	const cache = openFileCache();
	const key = `${weights.address}?anchorage=${FORMER}-0`;
	await cache.write(MODEL_PARTS, key, { bytes: Uint8Array.from(BYTES), digest: tagOf(weights) });
	expect(await bytesOf(downloadOf([weights], cache).start())).toEqual(BYTES);
	expect(hub.starts(WEIGHTS)).toEqual([]);
	const parts = await openParts(cache, weights);
	expect(parts.partSize).toBe(FORMER);
	await parts.drop();
	expect(await cache.keys(MODEL_PARTS)).toEqual([]);
	expect((await openParts(cache, weights)).partSize).toBeLessThan(FORMER);
});
