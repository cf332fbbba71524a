/** The report of a failure, where the browser gives the page no clipboard: over plain http. */
import { afterEach, expect, test } from 'vitest';
import { openPage, SMALL } from './support/app.ts';

const { clipboard } = navigator;
afterEach(() => void Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard }));

test('a report that cannot be copied is saved as a file', async () => {
	Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined });
	const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.com/v1', model: 'some-model' };
	const { session, screen } = await openPage({ refuseAfter: 5 }, { ...SMALL, reviser });
	await session.startRun();
	await screen.getByRole('button', { name: 'Copy a report' }).click();
	await expect.element(screen.getByRole('button', { name: 'Saved as a file' })).toBeVisible();
});
