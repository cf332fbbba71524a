/** The report of a failure, where the browser gives the page no clipboard: over plain http. */
import { afterEach, expect, test } from 'vitest';
import { openPage, SMALL } from './support/app.ts';

const { clipboard } = navigator;
afterEach(() => void Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard }));

test('a report that cannot be copied is shown as text to select', async () => {
	Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined });
	const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.com/v1', model: 'some-model' };
	const { session, screen } = await openPage({ refuseAfter: 5 }, { ...SMALL, reviser });
	await session.startRun();
	await screen.getByRole('button', { name: 'Copy a report' }).click();
	const field = screen.getByRole('textbox', { name: /Select the report/ });
	await expect.element(field).toBeVisible();
	const text = (field.element() as HTMLTextAreaElement).value;
	expect(JSON.parse(text)).toMatchObject({ error: { kind: 'remote' } });
});
