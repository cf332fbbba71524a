/** Files of an archive from texts and JSON values. */
import type { ZipEntry } from '../../format/zip.ts';

export function textFile(name: string, text: string): ZipEntry {
	return { name, content: new TextEncoder().encode(text) };
}

export function jsonFile(name: string, value: unknown): ZipEntry {
	return textFile(name, `${JSON.stringify(value, null, 2)}\n`);
}
