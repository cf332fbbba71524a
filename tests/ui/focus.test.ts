/** The focus after the pressed control disappeared. */
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { keepFocus } from '#ui/keyboard/keepFocus.ts';
import { openHeldAt, openPage } from './support/app.ts';

const focused = (): string => {
	const element = document.activeElement ?? document.body;
	return `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? (element.matches('button') ? element.textContent.trim().replace(/\s+/g, ' ') : '')}`.trim();
};
const expectFocus = (name: string) => expect.poll(focused).toBe(name);

describe('the focus', () => {
	test('goes to the view when the recipe folds, and from Pause to Resume and back', async () => {
		const { session, screen, release } = await openHeldAt(3);
		screen.getByRole('button', { name: 'Run the loop' }).element().focus();
		await userEvent.keyboard('{Enter}');
		await expectFocus('main');
		await expect.poll(() => session.steps.loss.step).toBe(3);
		screen.getByRole('button', { name: 'Pause' }).first().element().focus();
		await userEvent.keyboard(' ');
		await expectFocus('button Resume Space');
		release();
		await expect.poll(() => session.steps.loss.phase).toBe('paused');
		// A fast run is done before a poll sees the button.
		const names: string[] = [];
		const note = (): void => void names.push(focused());
		document.addEventListener('focusin', note);
		await userEvent.keyboard('{Enter}');
		await expect.poll(() => names).toContain('button Pause Space');
		document.removeEventListener('focusin', note);
		await expect.poll(() => session.run.player.transport).toBe('done');
		await expectFocus('button Change one thing, run again N');
	});

	test('is one stop in a list, whose rows open by the arrows', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		session.tracked.follow(session.steps.pair.pairs[0]?.id ?? null);
		await userEvent.keyboard('4');
		const rows = screen.getByRole('list', { name: 'Pairs' }).getByRole('button');
		const stops = (): number[] =>
			rows.elements().flatMap((row, i) => (row instanceof HTMLElement && row.tabIndex === 0 ? [i] : []));
		await expect.poll(stops).toEqual([0]);
		screen.getByRole('searchbox', { name: 'Search pairs' }).element().focus();
		await userEvent.keyboard('{Tab}{ArrowDown}{ArrowDown}{ArrowUp}{ArrowDown}');
		await expect.poll(stops).toEqual([2]);
		expect(document.activeElement).toBe(rows.elements()[2]);
		expect(session.tracked.number).toBe(3);
		await userEvent.keyboard('{Home}{ArrowUp}');
		expect(document.activeElement).toBe(rows.elements()[0]);
		await userEvent.keyboard('{End}');
		await expect.poll(stops).toEqual([rows.elements().length - 1]);
	});

	test('moves into a field for text only if it belongs to a form', async () => {
		const page = document.createElement('div');
		page.innerHTML = `<main tabindex="-1">
			<section><input aria-label="Step" /><button>Load</button><button>Other</button></section>
			<form><textarea aria-label="Question"></textarea><button>Stop</button></form>
		</main>`;
		document.body.append(page);
		const release = keepFocus(page);
		const [load, , stop] = page.querySelectorAll('button');
		load?.focus();
		load?.remove();
		await expectFocus('button Other');
		stop?.focus();
		stop?.remove();
		await expectFocus('textarea Question');
		release();
		page.remove();
	});

	test('comes back from the editor of a revision to the button that opens it', async () => {
		const page = await openPage();
		page.session.run.reviewFirst = true;
		await page.session.startRun();
		await expect.element(page.screen.getByRole('group', { name: 'Revision', exact: true })).toBeVisible();
		await userEvent.keyboard('e');
		await expectFocus('textarea The corrected answer');
		await userEvent.keyboard('{Escape}');
		await expectFocus('button Edit E');
		await userEvent.keyboard('{Enter}');
		await expectFocus('textarea The corrected answer');
		await page.screen.getByRole('textbox', { name: 'The corrected answer' }).fill('By a person.');
		await userEvent.keyboard('{Control>}{Enter}{/Control}');
		await expectFocus('button Edit E');
	});

	test('stays on the shelf through renaming and deleting, on the safer button', async () => {
		const first = await openPage();
		await first.session.startRun();
		const run = first.store.runs.get('run-1')!;
		await first.screen.unmount();
		const { screen, store } = await openPage({ runs: [run, { ...run, id: 'run-2', name: 'Another' }] });
		await screen.getByRole('button', { name: 'Shelf' }).click();
		screen.getByRole('button', { name: 'Rename' }).first().element().focus();
		await userEvent.keyboard('{Enter}');
		await expectFocus(`input New name of ${run.name}`);
		await userEvent.keyboard('Mine{Enter}');
		await expectFocus('button Rename');
		await userEvent.keyboard('{Enter}{Escape}');
		await expectFocus('button Rename');
		expect(store.runs.get('run-1')?.name).toBe('Mine');
		await userEvent.keyboard('{Tab}{Enter}');
		await expectFocus('button Keep it');
		await userEvent.keyboard('{Enter}');
		await expectFocus('button Delete');
		await userEvent.keyboard('{Enter}');
		await expectFocus('button Keep it');
		await userEvent.keyboard('{Shift>}{Tab}{/Shift}{Enter}');
		await expect.poll(() => store.runs.size).toBe(1);
		await expectFocus('button Open');
		await userEvent.keyboard('{Enter}');
		await expectFocus('main');
	});
});

describe('the steps', () => {
	test('are text before a run and buttons after it; a press folds the recipe and loses nothing', async () => {
		const { session, screen } = await openPage();
		const way = screen.getByRole('navigation', { name: 'Steps of a run' });
		await expect.element(way.getByText('A handful of pairs, cut into tokens.')).toBeVisible();
		expect(way.getByRole('button').elements()).toEqual([]);
		await session.startRun();
		await userEvent.keyboard('n');
		session.draft.set('objective', 'beta', 0.5);
		await way.getByRole('button', { name: /Loss/ }).click();
		await expect.element(screen.getByRole('group', { name: 'Loss' })).toBeVisible();
		await userEvent.keyboard('n');
		await expect.element(screen.getByRole('button', { name: 'undo β' })).toBeVisible();
	});
});
