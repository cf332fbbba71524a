/** The browser's own locks, in real Chromium. */
import { expect, test } from 'vitest';
import { runLocks } from '#runtime/storage/runLocks.ts';

test('a run has one holder until it is released', async () => {
	const release = await runLocks.hold('one');
	expect(release).not.toBeNull();
	expect(await runLocks.hold('one')).toBeNull();
	const other = await runLocks.hold('two');
	expect(await runLocks.held()).toEqual(new Set(['one', 'two']));
	other?.();
	release?.();
	await expect.poll(() => runLocks.held()).toEqual(new Set());
	const again = await runLocks.hold('one');
	expect(again).not.toBeNull();
	again?.();
});
