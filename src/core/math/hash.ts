/** 32-bit FNV-1a of the text's UTF-16 units: stable across machines, for splits, ids and seeds. Not for security. */
export function hash32(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		hash ^= text.charCodeAt(i);
		hash = Math.imul(hash, 0x01000193);
	}
	// FNV's low bits are weak on short texts; one avalanche round makes every bit usable for a split.
	hash ^= hash >>> 16;
	hash = Math.imul(hash, 0x7feb352d);
	hash ^= hash >>> 15;
	return hash >>> 0;
}
