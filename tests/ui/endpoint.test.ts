/** The settings of an own endpoint: corrections of the address, and keys that cannot be sent. */
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';

test('an address without a scheme gets one, and a key that no header carries is named', async () => {
	const { session, screen } = await openPage();
	await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('my own endpoint');
	await screen.getByLabelText('Base URL').fill('localhost:8080/v1');
	await screen.getByLabelText('Key', { exact: true }).fill('amber-falcon-90210\u200b');
	await userEvent.tab();
	await expect.element(screen.getByText('“http://” was added to the address.')).toBeVisible();
	expect(session.draft.recipe.reviser.endpoint).toBe('http://localhost:8080/v1');
	const problem = screen.getByText(/^Character 19 of the key is a zero-width space/);
	await expect.element(problem).toBeVisible();
	await screen.getByLabelText('Key', { exact: true }).fill('  amber-falcon-90210  ');
	await userEvent.tab();
	await expect.poll(() => session.reviser.keyFor('http://localhost:8080/v1')).toBe('amber-falcon-90210');
	await expect.element(problem).not.toBeInTheDocument();
});
