/** Names of the browser's caches that hold model files. Other caches of the same origin belong to other pages. */

/** Files of WebLLM's own cache, which both engines share. */
export const WEBLLM_FILES = 'webllm/';
/** Files of models in parts, as they were downloaded. */
export const MODEL_PARTS = 'anchorage/models';
/** Compiled libraries of WebLLM and their list. */
export const LIBRARIES = 'anchorage/libraries';

export function holdsModels(name: string): boolean {
	return name.startsWith(WEBLLM_FILES) || name === MODEL_PARTS || name === LIBRARIES;
}
