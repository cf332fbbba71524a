/** Imports and exports: a recipe as a link, imported pairs, the recorded run. */
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { readRecipeLink, recipeLink } from '#core/recipe/link.ts';
import { packRun } from '#tests/support/packRun.ts';
import { openPage, SMALL } from './support/app.ts';

async function expectAccessible(): Promise<void> {
	await document.fonts.ready;
	// A button that was just enabled still animates its colours.
	await Promise.all(document.getAnimations().map((animation) => animation.finished));
	const { violations } = await axe.run(document, {
		rules: { 'document-title': { enabled: false }, 'html-has-lang': { enabled: false } },
	});
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
		[],
	);
}

describe('sharing a recipe', () => {
	test('gives a link that opens as the same recipe, and names the data that is not in it', async () => {
		const { session, screen } = await openPage();
		session.draft.set('prompts', 'source', 'own');
		await screen.getByRole('button', { name: 'Share this recipe' }).click();
		await expect.element(screen.getByText(/Your own prompts are not in the link/)).toBeVisible();
		const field = screen.getByRole('textbox', { name: 'Link to this recipe' });
		await expect.element(field).not.toHaveValue('');
		const link = new URL((field.element() as HTMLInputElement).value);
		expect(await readRecipeLink(link.hash)).toEqual(session.draft.recipe);
		await expectAccessible();
	});

	test('copies the link, or selects it where the browser does not let the page copy', async () => {
		const { screen } = await openPage();
		await screen.getByRole('button', { name: 'Share this recipe' }).click();
		const field = screen.getByRole('textbox', { name: 'Link to this recipe' });
		await expect.element(field).not.toHaveValue('');
		const { clipboard } = navigator;
		let copied = '';
		const stand = (writeText: (text: string) => Promise<void>): void =>
			void Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
		try {
			stand((text) => {
				copied = text;
				return Promise.resolve();
			});
			await screen.getByRole('button', { name: 'Copy the link' }).click();
			await expect.element(screen.getByText('Copied.')).toBeVisible();
			expect(copied).toBe((field.element() as HTMLInputElement).value);
			stand(() => Promise.reject(new Error('not allowed')));
			await screen.getByRole('button', { name: 'Copy the link' }).click();
			await expect.element(screen.getByText(/copy it by keyboard/)).toBeVisible();
			const input = field.element() as HTMLInputElement;
			expect(input.selectionEnd! - input.selectionStart!).toBe(input.value.length);
		} finally {
			Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
		}
	});

	test('names the reviser’s address only if allowed', async () => {
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.test/v1', model: 'teacher' };
		const { screen } = await openPage({}, { ...SMALL, reviser });
		await screen.getByRole('button', { name: 'Share this recipe' }).click();
		const field = screen.getByRole('textbox', { name: 'Link to this recipe' });
		const shared = async () =>
			(await readRecipeLink(new URL((field.element() as HTMLInputElement).value).hash))?.reviser.endpoint;
		await expect.element(field).not.toHaveValue('');
		expect(await shared()).toBe('https://api.test/v1');
		await screen.getByRole('checkbox', { name: /Name the reviser/ }).click();
		await expect.poll(shared).toBe('embedded');
	});
});

describe('a link that is opened', () => {
	test('names the server that would get the prompts, and the missing data', async () => {
		const { session, screen } = await openPage();
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.test/v1', model: 'teacher' };
		const recipe = { ...SMALL, reviser, prompts: { ...SMALL.prompts, source: 'own' as const } };
		await session.openLink(new URL(await recipeLink(recipe, location.href)).hash);
		await expect.element(screen.getByText(/This recipe came from a link/)).toBeVisible();
		await expect.element(screen.getByText(/sends prompts and answers to api\.test/)).toBeVisible();
		await expect.element(screen.getByText(/import yours below/)).toBeVisible();
		await expectAccessible();
	});

	test('shows a note until it is closed, if the link is broken', async () => {
		const { session, screen } = await openPage();
		await session.openLink('#recipe=AAAA');
		await expect.element(screen.getByText(/The recipe in this link is damaged/)).toBeVisible();
		await expectAccessible();
		await screen.getByRole('button', { name: 'close' }).click();
		await expect.element(screen.getByText(/damaged/)).not.toBeInTheDocument();
		expect(session.draft.recipe).toEqual(SMALL);
	});
});

describe('imported pairs', () => {
	const rows = Array.from({ length: 40 }, (_, i) =>
		JSON.stringify({
			prompt: `Say ${i}`,
			chosen: `It is ${i}.`,
			rejected: `<img src=x onerror=alert(${i})>`,
		}),
	);

	test('come from pasted text, list the rows left out, and are trained on', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('button', { name: 'pairs you already have' }).click();
		await expect.element(screen.getByRole('button', { name: /Run the loop/ })).toBeDisabled();
		const field = screen.getByRole('textbox', { name: /Paste pairs/ });
		await field.fill('{broken');
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect.element(screen.getByText(/holds no usable pair: line 1: not JSON/)).toBeVisible();
		await field.fill(['{broken', ...rows].join('\n'));
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect
			.element(screen.getByText(/40 pairs imported from the pasted text, 1 row left out/))
			.toBeVisible();
		await screen.getByText('1 row left out, and why').click();
		await expect.element(screen.getByRole('cell', { name: /not JSON/ })).toBeVisible();
		expect(document.querySelector('img')).toBeNull();
		await expectAccessible();
		await screen.getByRole('button', { name: /Run the loop/ }).click();
		await expect.poll(() => session.run.player.transport, { timeout: 20_000 }).toBe('done');
		expect(session.steps.output.rows).toEqual([]);
		for (const key of ['2', '3', '4', '8']) {
			await userEvent.keyboard(key);
			await expectAccessible();
		}
		await expect.element(screen.getByText(/of the pairs in order/)).toBeVisible();
		await expect.element(screen.getByText(/There is no rubric for these prompts/)).toBeVisible();
	});
});

describe('the run that comes with the page', () => {
	test('opens as a run, and names its date and device', async () => {
		const made = await openPage();
		await made.session.startRun();
		const bytes = await packRun(made.session);
		await made.screen.unmount();
		const { session, screen } = await openPage({ recordedRun: () => Promise.resolve(bytes!) });
		await screen.getByRole('button', { name: 'a recorded run' }).click();
		await expect
			.element(screen.getByText(/A recording: computed on November 22, 2026 with WebGPU, Apple M2/))
			.toBeVisible();
		await expect.poll(() => session.steps.evaluation.comparison).not.toBeNull();
		await expectAccessible();
		await screen.getByRole('button', { name: 'Shelf' }).click();
		await expect
			.element(screen.getByRole('region', { name: 'Runs' }).getByText('a recording that comes with the page'))
			.toBeVisible();
		await page.viewport(390, 844);
		await expectAccessible();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	});
});
