/** The record of checked libraries names the programs that ship. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readLibraries } from '#core/model/compiledLibrary.ts';

test('every record is of a shipped program', () => {
	const checked = JSON.parse(readFileSync('python/webllm/checked.json', 'utf8')) as Record<
		string,
		{ sha256: string; checks: number; worst: { base: number; tuned: number } }
	>;
	const list: unknown = JSON.parse(readFileSync('public/libraries/index.json', 'utf8'));
	const shipped = new Map(readLibraries(list).map(({ id, sha256 }) => [id, sha256]));
	for (const [id, { sha256, checks, worst }] of Object.entries(checked)) {
		expect(sha256, `${id} has other bytes: run npm run libraries -- --check ${id}`).toBe(shipped.get(id));
		expect(checks).toBeGreaterThan(0);
		expect(worst.base).toBeLessThan(1e-3);
		expect(worst.tuned).toBeLessThan(5e-3);
	}
});
