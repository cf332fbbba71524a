/**
 * Addresses of kept models: models that the user added, whose files are in the browser's cache and nowhere else. Their
 * keys there are WebLLM's own, so that both engines read them as they read a downloaded model.
 */
import { StorageError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';

/** `.invalid` (RFC 2606) has no server, so that no request for a missing file can reach anyone. */
const KEPT = 'https://models.anchorage.invalid/';

/** @param id of the model, as in a recipe */
export const keptFolder = (id: string): string => `${KEPT}${encodeURIComponent(id)}/`;

export const isKept = ({ url }: Pick<ModelSource, 'url'>): boolean => url.startsWith(KEPT);

/** Id of the kept model that a cache key belongs to; null for other keys. */
export function keptIdOf(key: string): string | null {
	if (!key.startsWith(KEPT)) return null;
	const [id = ''] = key.slice(KEPT.length).split('/');
	try {
		return decodeURIComponent(id);
	} catch {
		// Only a key that this page did not write has another form.
		return null;
	}
}

export function keptFileMissing(title: string, file: string): StorageError {
	return new StorageError(`${title} is not complete in this browser: ${file} is missing.`, {
		code: 'kept-file-missing',
		hint: 'Another tab deleted it, or the browser needed the space. Add the model again under Models.',
		context: { file },
	});
}
