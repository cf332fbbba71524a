/**
 * Finds the golden numbers: in tests/golden/data, or in the folder named by the environment variable GOLDENS,
 * which has the same form (losses.json, model-*, trace-*, tokenizer/). A file missing from our own folder
 * fails the test; a file missing from a named folder skips it, so that some goldens can be regenerated and
 * checked alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';

const OWN = resolve(dirname(fileURLToPath(import.meta.url)), '../golden/data');
const named = process.env['GOLDENS'] ?? '';

/** The folder to read, absolute. A relative GOLDENS is resolved against the current directory. */
export const GOLDENS_FOLDER = named === '' ? OWN : resolve(named);

if (!existsSync(GOLDENS_FOLDER)) {
	throw new Error(`GOLDENS names ${GOLDENS_FOLDER}, which does not exist. Correct it or unset it.`);
}

/** The bytes of one golden file, by its path inside the folder: `golden('model-llama/model.safetensors')`. */
export function golden(path: string): Uint8Array<ArrayBuffer> {
	const file = readFileSync(resolve(GOLDENS_FOLDER, path));
	// A copy that owns its buffer, because Node's small reads share one buffer, at odd offsets.
	return new Uint8Array(file);
}

export function goldenText(path: string): string {
	return new TextDecoder().decode(golden(path));
}

/**
 * The parsed file. The caller states its form, because goldens are our own data, checked by the tests that
 * read them.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is the caller's statement
export function goldenJson<T>(path: string): T {
	return JSON.parse(goldenText(path)) as T;
}

/**
 * The parsed file for tests that take their names from it. If the folder named by GOLDENS lacks the file, our
 * own copy gives the names, and the tests, which must list the file with {@link goldenTest}, show as skipped.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is the caller's statement
export function goldenOutline<T>(path: string): T {
	return hasGoldens([path])
		? goldenJson<T>(path)
		: (JSON.parse(readFileSync(resolve(OWN, path), 'utf8')) as T);
}

/** False only if GOLDENS names a folder that lacks one of the files. */
export function hasGoldens(paths: readonly string[]): boolean {
	return GOLDENS_FOLDER === OWN || paths.every((path) => existsSync(resolve(GOLDENS_FOLDER, path)));
}

/** A test that reads these files; it shows as skipped if a folder named by GOLDENS lacks them. */
export function goldenTest(
	name: string,
	paths: readonly string[],
	body: () => void | Promise<void>,
	timeout?: number,
): void {
	test.skipIf(!hasGoldens(paths))(name, body, timeout);
}

function foldersOf(root: string, prefix: string): string[] {
	return readdirSync(root)
		.filter((name) => name.startsWith(prefix) && !name.endsWith('.json'))
		.sort();
}

/**
 * Names at the top of the folder that start with `prefix` and do not end in `.json`:
 * `goldenFolders('model-')`. If a folder named by GOLDENS has none, returns our own names, so that their
 * tests show as skipped instead of missing.
 */
export function goldenFolders(prefix: string): string[] {
	const found = foldersOf(GOLDENS_FOLDER, prefix);
	return found.length === 0 ? foldersOf(OWN, prefix) : found;
}

/** The goldens write NaN and infinities as strings, because JSON has none. */
export function goldenNumber(value: number | string): number {
	return typeof value === 'number' ? value : Number(value);
}
