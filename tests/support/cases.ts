/** Inputs that people really bring, by file name; see tests/fixtures/cases. */
import { readFileSync } from 'node:fs';

export function caseBytes(name: string): Uint8Array {
	return new Uint8Array(readFileSync(new URL(`../fixtures/cases/${name}`, import.meta.url)));
}
