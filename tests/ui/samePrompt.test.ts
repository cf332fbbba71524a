/** `M` shows the data methods on the prompt that the user looks at. */
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';

test('M opens the prompt of the revision that J or the view itself opened, and other views follow J', async () => {
	const { session, screen } = await openPage();
	await session.startRun();
	const { revision } = session.steps;
	const dialog = screen.getByRole('dialog', { name: 'One prompt, four data methods' });
	session.show('revision');
	await expect.element(screen.getByRole('group', { name: 'Revision', exact: true })).toBeVisible();
	session.tracked.follow(revision.visible.at(-1)!.id);
	for (const key of ['', 'jj']) {
		if (key !== '') await userEvent.keyboard(key);
		const { prompt } = revision.selected!.output;
		await userEvent.keyboard('m');
		await expect.element(dialog.getByText(prompt.text, { exact: true }).first()).toBeVisible();
		expect(session.tracked.id).toBe(prompt.id);
		await userEvent.keyboard('{Escape}');
		await expect.element(dialog).not.toBeInTheDocument();
	}
	await userEvent.keyboard('j');
	expect(session.tracked.id).toBe(revision.selected!.output.prompt.id);
});
