/**
 * Where the golden numbers lie: tests/golden/data, or the folder named by the environment variable GOLDENS, which has the same
 * form (losses.json, model-*, trace-*, tokenizer/). A file that our own folder lacks fails the test; one that a named folder
 * lacks skips it, so that part of the goldens can be made anew and checked alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';

const OWN = resolve(dirname(fileURLToPath(import.meta.url)), '../golden/data');
const named = process.env['GOLDENS'] ?? '';

/** The folder that is read, absolute. A relative GOLDENS is taken from the current directory. */
export const GOLDENS_FOLDER = named === '' ? OWN : resolve(named);

if (!existsSync(GOLDENS_FOLDER)) {
	throw new Error(`GOLDENS names ${GOLDENS_FOLDER}, which does not exist. Correct it or unset it.`);
}

/** The bytes of one golden file, by its path inside the folder: `golden('model-llama/model.safetensors')`. */
export function golden(path: string): Uint8Array<ArrayBuffer> {
	const file = readFileSync(resolve(GOLDENS_FOLDER, path));
	// A copy that owns its buffer: Node's small reads share one, at odd offsets.
	return new Uint8Array(file);
}

export function goldenText(path: string): string {
	return new TextDecoder().decode(golden(path));
}

/** The parsed file, whose form the caller states: goldens are our own data, checked by the tests that read them. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is the caller's statement
export function goldenJson<T>(path: string): T {
	return JSON.parse(goldenText(path)) as T;
}

/**
 * The parsed file where tests take their names from it. Where the folder named by GOLDENS lacks it, our own copy gives the names
 * and the tests, which must list the file with {@link goldenTest}, show as skipped.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is the caller's statement
export function goldenOutline<T>(path: string): T {
	return hasGoldens([path])
		? goldenJson<T>(path)
		: (JSON.parse(readFileSync(resolve(OWN, path), 'utf8')) as T);
}

/** False only where the folder was named by GOLDENS and lacks one of the files. */
export function hasGoldens(paths: readonly string[]): boolean {
	return GOLDENS_FOLDER === OWN || paths.every((path) => existsSync(resolve(GOLDENS_FOLDER, path)));
}

/** A test that reads these files; it shows as skipped where a folder named by GOLDENS lacks them. */
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
 * Names at the top of the folder that start with `prefix` and do not end in `.json`: `goldenFolders('model-')`. Where a folder
 * named by GOLDENS has none, our own names, so that their tests show as skipped and not as nothing.
 */
export function goldenFolders(prefix: string): string[] {
	const found = foldersOf(GOLDENS_FOLDER, prefix);
	return found.length === 0 ? foldersOf(OWN, prefix) : found;
}

/** The goldens write NaN and infinities as strings, because JSON has none. */
export function goldenNumber(value: number | string): number {
	return typeof value === 'number' ? value : Number(value);
}
