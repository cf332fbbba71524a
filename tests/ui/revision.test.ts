import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { withReply } from '#core/revision/decide.ts';
import { openPage } from './support/app.ts';

/** A run that waits for the review of its revisions. */
async function openReview() {
	const page = await openPage();
	page.session.run.reviewFirst = true;
	await page.session.startRun();
	await expect.element(page.screen.getByRole('group', { name: 'Revision', exact: true })).toBeVisible();
	return page;
}

describe('revisions by keys', () => {
	test('A accepts and opens the next, R sets aside, Z undoes it', async () => {
		const { session } = await openReview();
		const { revision } = session.steps;
		revision.filter = 'revised';
		const [first, second] = revision.visible;
		revision.filter = 'all';
		revision.selectedId = first!.id;
		await userEvent.keyboard('a');
		await expect.poll(() => revision.byId(first!.id)?.state).toBe('accepted');
		revision.selectedId = second!.id;
		await userEvent.keyboard('r');
		await expect.poll(() => revision.byId(second!.id)?.state).toBe('set-aside');
		await userEvent.keyboard('z');
		await expect.poll(() => revision.byId(second!.id)?.state).toBe('revised');
	});

	test('A goes through the unchecked rows one by one if only those are shown', async () => {
		const { session } = await openReview();
		const { revision } = session.steps;
		revision.filter = 'revised';
		const wanted = revision.visible.slice(0, 4).map(({ id }) => id);
		revision.selectedId = wanted[0]!;
		for (const id of wanted.slice(0, 3)) {
			await expect.poll(() => revision.selected?.id).toBe(id);
			await userEvent.keyboard('a');
		}
		expect(wanted.map((id) => revision.byId(id)?.state)).toEqual([
			'accepted',
			'accepted',
			'accepted',
			'revised',
		]);
		expect(revision.selected?.id).toBe(wanted[3]);
	});

	test('Enter trains, as the button says', async () => {
		const { session } = await openReview();
		await userEvent.keyboard('{Enter}');
		await expect.poll(() => session.run.player.transport).toBe('done');
	});

	test('E opens the editor, and the user’s text becomes the chosen answer', async () => {
		const { session, screen } = await openReview();
		const { revision, pair } = session.steps;
		const row = revision.rows.find(({ state }) => state === 'revised')!;
		revision.selectedId = row.id;
		await userEvent.keyboard('e');
		const field = screen.getByRole('textbox', { name: 'The corrected answer' });
		await field.fill('Written by a person.');
		await screen.getByRole('button', { name: 'Use this edit' }).click();
		expect(revision.byId(row.id)?.state).toBe('edited');
		expect(pair.pairs.find(({ from }) => from?.chosen.id === row.id)?.chosen).toBe('Written by a person.');
	});

	test('an unfinished edit stays with its row: another row closes the editor and opens its own text', async () => {
		const { session, screen } = await openReview();
		const { revision } = session.steps;
		const [first, second] = revision.rows.filter(({ state }) => state === 'revised');
		const field = screen.getByRole('textbox', { name: 'The corrected answer' });
		revision.selectedId = first!.id;
		await userEvent.keyboard('e');
		await field.fill('A draft of the first row.');
		revision.selectedId = second!.id;
		await expect.element(field).not.toBeInTheDocument();
		await userEvent.keyboard('e');
		await expect.element(field).toHaveValue(second!.revised);
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('button', { name: 'Edit', exact: true })).toHaveFocus();
		revision.selectedId = first!.id;
		await screen.getByRole('button', { name: 'Continue your edit' }).click();
		await expect.element(field).toHaveValue('A draft of the first row.');
		await screen.getByRole('button', { name: 'Use this edit' }).click();
		expect(revision.byId(first!.id)?.revised).toBe('A draft of the first row.');
		expect(revision.byId(second!.id)).toEqual(second);
		expect(revision.drafts.size).toBe(0);
	});

	test('while one edits, only the editor decides: no other decision is offered, by button or key', async () => {
		const { session, screen } = await openReview();
		const { revision } = session.steps;
		const row = revision.rows.find(({ state }) => state === 'revised')!;
		revision.selectedId = row.id;
		await userEvent.keyboard('e');
		await expect.element(screen.getByRole('button', { name: 'Use this edit' })).toBeVisible();
		for (const name of ['Accept', 'Set aside', 'Ask again'])
			await expect.element(screen.getByRole('button', { name, exact: true })).not.toBeInTheDocument();
		await userEvent.click(document.body);
		await userEvent.keyboard('ar');
		expect(revision.byId(row.id)).toEqual(row);
	});

	test('an edit that equals the answer is refused with its reason', async () => {
		const { session, screen } = await openReview();
		const { revision } = session.steps;
		const row = revision.rows.find(({ state }) => state === 'revised')!;
		revision.selectedId = row.id;
		await userEvent.keyboard('e');
		await screen.getByRole('textbox', { name: 'The corrected answer' }).fill(row.output.text);
		await screen.getByRole('button', { name: 'Use this edit' }).click();
		await expect.element(screen.getByText(/it would give no pair/)).toBeVisible();
		expect(revision.byId(row.id)?.state).toBe('revised');
	});

	test('D cycles through the forms of the diff, / goes to the search, letters there are letters', async () => {
		const { session, screen } = await openReview();
		await userEvent.keyboard('d');
		await expect.element(screen.getByRole('radio', { name: 'In one' })).toBeChecked();
		await userEvent.keyboard('/');
		await userEvent.keyboard('sum');
		await expect.element(screen.getByRole('searchbox', { name: 'Search revisions' })).toHaveValue('sum');
		expect(session.steps.revision.visible.length).toBeLessThan(session.steps.revision.rows.length);
		expect(session.steps.revision.undoable).toBe(0);
	});

	test('Shift A accepts the rest, and Train continues', async () => {
		const { session, screen } = await openReview();
		await userEvent.keyboard('{Shift>}A{/Shift}');
		await expect.poll(() => session.steps.revision.toLookAt).toBe(0);
		await screen.getByRole('button', { name: 'Train' }).first().click();
		await expect.poll(() => session.run.player.transport).toBe('done');
	});

	test('a rejected reply is shown with its reason, and U uses it; Z undoes that', async () => {
		const { session, screen } = await openReview();
		const { revision, pair } = session.steps;
		const row = revision.rows.find(({ state }) => state === 'revised')!;
		revision.prepare(
			revision.rows.map(({ output }) => output),
			revision.rows.map((each) =>
				each.id === row.id
					? withReply(each, '{corrected_student_solution}: Sorry, I cannot help with this.')
					: each,
			),
		);
		revision.selectedId = row.id;
		await expect.element(screen.getByText(/The reviser declined: “Sorry, I cannot”/)).toBeVisible();
		await userEvent.keyboard('u');
		await expect.poll(() => revision.byId(row.id)?.state).toBe('accepted');
		expect(pair.pairs.some(({ from }) => from?.chosen.id === row.id)).toBe(true);
		revision.selectedId = row.id;
		await expect.element(screen.getByText('Used by your decision.')).toBeVisible();
		await userEvent.keyboard('z');
		await expect.poll(() => revision.byId(row.id)?.state).toBe('rejected');
		await expect.element(screen.getByRole('button', { name: 'Use it anyway' })).toBeVisible();
	});

	test('after training, a decision says that it counts for the next run, and the counts agree', async () => {
		const { session, screen } = await openReview();
		const { revision, pair } = session.steps;
		await expect.element(screen.getByText(/counts for the next run/)).not.toBeInTheDocument();
		await userEvent.keyboard('{Enter}');
		await expect.poll(() => session.run.player.transport).toBe('done');
		session.show('revision');
		await expect.element(screen.getByText(/This run has trained; a change here counts/)).toBeVisible();
		const trained = pair.pairs.length;
		revision.selectedId = revision.rows.find(({ state }) => state === 'revised')!.id;
		await screen.getByRole('button', { name: 'Set aside' }).click();
		await expect
			.element(screen.getByText(new RegExp(`next run, which will have ${trained - 1} pairs`)))
			.toBeVisible();
		session.show('pair');
		await expect.element(screen.getByText(new RegExp(`run uses ${trained - 1} pairs`))).toBeVisible();
	});

	test('on a phone the list follows the open row without moving the page', async () => {
		const { session } = await openReview();
		await page.viewport(390, 844);
		window.scrollTo(0, 0);
		const { revision } = session.steps;
		revision.selectedId = revision.rows.at(-1)!.id;
		const list = page.getByRole('list', { name: 'Revisions' });
		await expect.poll(() => list.element().scrollTop).toBeGreaterThan(0);
		expect(window.scrollY).toBe(0);
	});
});
