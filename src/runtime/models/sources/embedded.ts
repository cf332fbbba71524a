/** The models whose files are beside the page, in folders under `models/`. */
import { RemoteError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import { download } from '../download.ts';
import { MANIFEST, ownLibrary, readManifest, UNKNOWN } from '../manifest.ts';
import type { SourceContext, SourceProvider } from './provider.ts';

const FOLDERS = ['anchor-1m'];

export const embedded: SourceProvider = {
	list: (context) => Promise.all(FOLDERS.map((folder) => sourceIn(folder, context))),
};

/** @throws RemoteError `model-file-missing` if the folder is not beside the page */
async function sourceIn(folder: string, { pageUrl, fetcher }: SourceContext): Promise<ModelSource> {
	const url = new URL(`models/${folder}/`, pageUrl).href;
	const address = `${url}${MANIFEST}`;
	const bytes = await download(address, {
		fetch: fetcher,
		signal: new AbortController().signal,
		onBytes: () => undefined,
		expected: UNKNOWN,
		patience: 20_000,
	});
	if (bytes === null) {
		throw new RemoteError(`The embedded model is not there: ${address} answered 404.`, {
			code: 'model-file-missing',
			hint: 'Copy the folder models/ beside the page, or build the model with npm run model.',
			context: { address },
		});
	}
	const manifest = readManifest(bytes, address);
	const { id, title, parameters } = manifest;
	return { id, title, url, library: ownLibrary(manifest), parameters, origin: { place: 'page' } };
}
