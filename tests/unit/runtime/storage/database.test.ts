import { expect, test } from 'vitest';
import { openDatabase } from '#runtime/storage/database.ts';

test('a browser without a database is reported, with what to do', async () => {
	await expect(openDatabase('x', () => undefined)).rejects.toMatchObject({
		kind: 'storage',
		code: 'storage-unavailable',
		hint: expect.stringMatching(/private window/) as string,
	});
});
