/** Inputs that people really bring, by file name; see tests/fixtures/cases. */
import { readFileSync } from 'node:fs';

export function caseLines(name: string): string[] {
	const text = readFileSync(new URL(`../fixtures/cases/${name}`, import.meta.url), 'utf8');
	return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}
