/** A file to download, as a listing describes it. */
import type { Digest } from '../digest.ts';

export interface RemoteFile {
	/** Path inside the model's folder: `model-00001-of-00002.safetensors`. */
	path: string;
	/** Absolute, and the same for the same version of the file. */
	address: string;
	/** Bytes. */
	size: number;
	/** Null if the server gives none; size and the server's validator are then the only checks. */
	digest: Digest | null;
	/** The server's validator (ETag or Last-Modified) if it is known beforehand; it counts only without a digest. */
	version?: string;
}

/** The mark of a file's version on its parts; empty if nothing is known of it. */
export function tagOf({ digest, version }: RemoteFile): string {
	if (digest !== null) return `${digest.algorithm}:${digest.hex}`;
	return version === undefined ? '' : `version:${version}`;
}
