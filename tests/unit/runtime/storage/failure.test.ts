import { describe, expect, test } from 'vitest';
import { Cancelled, StorageError } from '#core/errors.ts';
import { guarded, storageError } from '#runtime/storage/failure.ts';

describe('an error of the browser’s storage becomes a StorageError with a hint', () => {
	test.each([
		['QuotaExceededError', 'storage-quota', /Delete runs/],
		['VersionError', 'storage-version', /Reload the page/],
		['SecurityError', 'storage-unavailable', /private window/],
		['InvalidStateError', 'storage-unavailable', /private window/],
		['DataCloneError', 'storage-failed', /Try again/],
	])('%s', (name, code, hint) => {
		const error = storageError('Saving the run', new DOMException('why', name));
		expect(error).toBeInstanceOf(StorageError);
		expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) as string, context: { name } });
		expect(error.message).toMatch(/^Saving the run failed: .*\(why\)\.$/);
	});

	test('an error without words leaves no empty brackets', () => {
		const error = storageError('Saving the run', new DOMException('', 'QuotaExceededError'));
		expect(error.message).toBe('Saving the run failed: the browser’s space for this page is used up.');
	});

	test('our own errors pass through unchanged', async () => {
		const cancelled = new Cancelled();
		await expect(guarded('Saving', () => Promise.reject(cancelled))).rejects.toBe(cancelled);
		await expect(guarded('Saving', () => Promise.resolve(3))).resolves.toBe(3);
	});
});
