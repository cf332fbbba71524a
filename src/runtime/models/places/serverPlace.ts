/** A model on the user's own server: the address of a GGUF file, or of a folder whose files have their usual names. */
import { formIds } from '#core/checkpoint/formIds.ts';
import { FormatError } from '#core/errors.ts';
import { openFileCache } from '../fileCache.ts';
import type { Fetch } from '../http/request.ts';
import { MemoryBackedCaches } from '../memoryCaches.ts';
import { openWebFolder } from '../web/webFolder.ts';
import type { OpenPlace } from './place.ts';
import { rangeSource } from './rangeSource.ts';

/** True for addresses of files and folders on other servers than hubs. */
export function isServerAddress(text: string): boolean {
	if (!/^https?:\/\//i.test(text.trim()) || !URL.canParse(text.trim())) return false;
	const { pathname, host } = new URL(text.trim());
	if (host === 'huggingface.co' || host === 'hf.co') return false;
	if (/\/(?:resolve|blob|raw|tree)\//.test(pathname)) return false;
	return /(?:\/|\.gguf|\.safetensors)$/i.test(pathname);
}

/** @throws like `openWebFolder` */
export async function serverPlace(text: string, fetch: Fetch, signal: AbortSignal): Promise<OpenPlace> {
	// A look stores nothing in the browser; the download loads the small files again.
	const cache = openFileCache(new MemoryBackedCaches(undefined, () => undefined));
	const { name, folder, files, forms } = await openWebFolder(text, { fetch, signal, cache });
	const address = text.trim();
	return {
		title: name.split('/').findLast((part) => part !== '') ?? name,
		// A signed address ends with a secret, which is no part of the model’s name.
		origin: { place: 'server', address: address.replace(/[?#].*$/s, '') },
		address,
		license: null,
		forms: formIds(forms),
		wanted: null,
		peek: (path) => {
			const found = files.get(path);
			if (found === undefined) throw missing(path, folder);
			return rangeSource(found, fetch, undefined);
		},
		remote: { files: (form) => form.paths.flatMap((path) => files.get(path) ?? []) },
	};
}

function missing(path: string, address: string): FormatError {
	return new FormatError(`${address} has no ${path}.`, {
		code: 'model-file-missing',
		hint: 'Copy all files of the model to the server.',
		context: { path, address },
	});
}
