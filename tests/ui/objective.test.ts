/** The objective of the recipe: chosen in the sentence or under “All settings”, and a formula with a problem. */
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';

import { FORMULA } from '#core/loss/objectives/settings.ts';
import { openPage } from './support/app.ts';

test('“All settings” has the objective with β and its own settings, in step with the sentence', async () => {
	const { session, screen } = await openPage();
	await screen.getByText('All settings').click();
	const choice = screen.getByRole('combobox', { name: 'Objective: which one' });
	await expect.element(choice).toHaveValue('apo_zero');
	await choice.selectOptions('Robust DPO');
	await expect
		.element(screen.getByRole('combobox', { name: 'Objective', exact: true }))
		.toHaveValue('robust');
	await expect.element(screen.getByRole('spinbutton', { name: /^Objective: .*epsilon/ })).toBeVisible();
	await screen.getByRole('spinbutton', { name: 'Objective: beta' }).fill('0.3');
	await userEvent.keyboard('{Tab}');
	await expect.element(screen.getByRole('spinbutton', { name: 'Beta', exact: true })).toHaveValue(0.3);
	expect(session.draft.recipe.objective).toMatchObject({ id: 'robust', beta: 0.3 });
});

test('the problem of a formula is told once, at its field, and the button leads there', async () => {
	const { session, screen } = await openPage();
	session.draft.setObjectiveSettings({ id: FORMULA, beta: 1, formula: 'softplus(-(r_w - r_x))' });
	const field = screen.getByRole('textbox', { name: 'Loss of one pair' });
	await expect.element(field).toHaveAttribute('aria-invalid', 'true');
	await expect.poll(() => document.body.textContent.split('r_x').length - 1).toBeLessThan(5);
	const problems = [...document.querySelectorAll('[role=alert], [role=status]')].filter(({ textContent }) =>
		textContent.includes('r_x'),
	);
	expect(problems).toHaveLength(1);
	expect(problems[0]?.textContent).not.toContain('save this one');
	await screen.getByRole('button', { name: 'Show what is wrong' }).click();
	await expect.element(field).toHaveFocus();
});
