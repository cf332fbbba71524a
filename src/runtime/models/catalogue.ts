/** The models that this build can load: today the embedded model, later also published ones. */
import { RemoteError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { ModelCatalogue } from '#core/ports.ts';
import { download, type Fetch } from './download.ts';
import { MANIFEST, readManifest, UNKNOWN } from './manifest.ts';

/** Folders in `models/` beside the page. */
const EMBEDDED = ['anchor-1m'];

/** @param pageUrl the page's address: sources carry absolute addresses, because a worker does not know it */
export function modelCatalogue(pageUrl: string, fetcher: Fetch = (a, b) => fetch(a, b)): ModelCatalogue {
	return {
		list: () => Promise.all(EMBEDDED.map((id) => embedded(new URL(`models/${id}/`, pageUrl).href, fetcher))),
	};
}

async function embedded(url: string, fetcher: Fetch): Promise<ModelSource> {
	const address = `${url}${MANIFEST}`;
	const bytes = await download(address, {
		fetch: fetcher,
		signal: AbortSignal.timeout(20_000),
		onBytes: () => undefined,
		expected: UNKNOWN,
	});
	if (bytes === null) {
		throw new RemoteError(`The embedded model is not there: ${address} answered 404.`, {
			code: 'model-file-missing',
			hint: 'Copy the folder models/ beside the page, or build the model with npm run model.',
			context: { address },
		});
	}
	const { id, title, library, loraMaxRank, parameters } = readManifest(bytes, address);
	return { id, title, url, library, loraMaxRank, parameters, embedded: true };
}
