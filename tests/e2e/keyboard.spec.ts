/** From the first page to both models side by side without a mouse: every focused control is visible, and nothing moves by itself. */
import { expect, test, type Page } from '@playwright/test';
import { PIPELINE } from '../../src/core/pipeline.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Stop {
	name: string;
	/** Width of the outline in CSS pixels, of the element or of its visible substitute; 0 without an outline. */
	outline: number;
	inSight: boolean;
	/** True after the last control: the browser has the focus, and the next Tab starts at the top. */
	outside: boolean;
}

/** The focused control. A choice made of radio buttons shows the focus on the label's text. */
function focused(page: Page): Promise<Stop> {
	return page.evaluate(() => {
		const element = document.activeElement ?? document.body;
		const sibling = element.matches('fieldset input[type=radio]') ? element.nextElementSibling : null;
		const drawn = sibling ?? element;
		const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
		const box = drawn.getBoundingClientRect();
		const { innerWidth: right, innerHeight: bottom } = window;
		const label = element instanceof HTMLInputElement ? element.labels?.[0] : undefined;
		const words = element.getAttribute('aria-label') ?? (label ?? element).textContent;
		return {
			name: words.trim().slice(0, 80),
			outside: element === document.body,
			outline: outlineStyle === 'none' ? 0 : parseFloat(outlineWidth),
			inSight: Math.min(box.bottom, bottom - box.top, box.right, right - box.left) > 0,
		};
	});
}

/** Presses Tab until a control of this name has the focus; every control on the way must be visible. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
	const way: string[] = [];
	for (let i = 0; i < 120; i++) {
		await page.keyboard.press('Tab');
		const stop = await focused(page);
		if (stop.outside) continue;
		way.push(stop.name);
		expect(stop.outline, `the focus at “${stop.name}”`).toBeGreaterThanOrEqual(2);
		expect(stop.inSight, `“${stop.name}” is in sight`).toBe(true);
		if (name.test(stop.name)) return;
	}
	throw new Error(`Tab never came to ${String(name)}. It came to: ${way.join(' · ')}`);
}

async function set(page: Page, name: RegExp, value: number): Promise<void> {
	await tabTo(page, name);
	await page.keyboard.press('ControlOrMeta+a');
	await page.keyboard.type(String(value));
}

/** Expects a visible control of this name to have the focus. */
async function expectFocus(page: Page, name: RegExp): Promise<void> {
	await expect.poll(async () => (await focused(page)).name).toMatch(name);
	const stop = await focused(page);
	expect(stop).toMatchObject({ inSight: true, outside: false });
	expect(stop.outline).toBeGreaterThanOrEqual(2);
}

/** A second tab names the run that trains in the first one, and does not offer to resume it. */
async function expectUnderWayElsewhere(other: Page): Promise<void> {
	await other.goto('/');
	await other.getByRole('button', { name: 'Shelf' }).click();
	await expect(other.getByText('running in another tab')).toBeVisible();
	await other.getByRole('button', { name: 'Loop' }).click();
	await expect(other.getByRole('button', { name: /Run the loop/ })).toBeEnabled();
	await expect(other.getByRole('button', { name: /^Resume / })).toHaveCount(0);
	await other.close();
}

test('by keyboard alone, from the first page to side by side, and once more with another objective', async ({
	page,
	context,
}) => {
	const now = page.getByRole('region', { name: 'Now', exact: true });
	await page.goto('/');
	await expect(page.getByRole('button', { name: /Run the loop/ })).toBeEnabled();
	await tabTo(page, /^All settings/);
	await page.keyboard.press('Enter');
	await set(page, /^Training: checkpoint every/, 3);
	// After the last control, the focus continues at the top.
	await set(page, /^Prompts/, 24);
	await set(page, /^Steps/, 6);
	await set(page, /^Held-out prompts/, 16);
	// Submitting the form also commits the last field.
	await page.keyboard.press('Enter');
	await expect(now).toContainText(/of 24/, { timeout: 120_000 });
	await page.keyboard.press('2');
	const moving = await page.evaluate(
		() => document.getAnimations().filter((one) => one.playState === 'running').length,
	);
	expect(moving).toBe(0);
	await page.keyboard.press('Space');
	await expect(page.getByRole('button', { name: 'Resume' }).first()).toBeVisible();
	await page.keyboard.press('Space');
	await tabTo(page, /^Pause/);
	await page.keyboard.press('Enter');
	await expectFocus(page, /^Resume/);
	await page.keyboard.press('Enter');
	await expectFocus(page, /^Pause/);
	await expect(now).toContainText('done in', { timeout: 300_000 });
	await expectFocus(page, /^Change one thing/);

	for (const [i, { title }] of PIPELINE.entries()) {
		await page.keyboard.press(String(i + 1));
		await expect(page.getByRole('group', { name: title, exact: true })).toBeVisible();
		await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
		await tabTo(page, /Keys|All keys/);
	}
	await tabTo(page, /Ask both/);
	await page.keyboard.type('Sort these words: pear grape mango.');
	await page.keyboard.press('Enter');
	const exchange = page.getByRole('article').filter({ hasText: 'pear grape mango' });
	await expect(exchange.getByText(/^(0\.\d\d|1\.00)$/)).toHaveCount(2);
	// Sets the strength with the slider's keys, then opens and closes the list of keys.
	await tabTo(page, /strength/i);
	await page.keyboard.press('ArrowRight');
	await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toBeHidden();

	// Changes one thing, runs again, reloads the tab during the run, and resumes.
	await page.keyboard.press('n');
	await tabTo(page, /^Objective/);
	await page.keyboard.press('ArrowDown');
	await set(page, /^Steps/, 16);
	await page.keyboard.press('Enter');
	await expect(now).toContainText(/step ([4-9]|1\d) of 16/, { timeout: 120_000 });
	await expect(page.getByText('APO-down, seed 1').first()).toBeVisible();
	// Paused, so that it does not end while the other tab looks.
	await page.keyboard.press('Space');
	await expect(page.getByRole('button', { name: 'Resume' }).first()).toBeVisible();
	await expectUnderWayElsewhere(await context.newPage());
	await page.keyboard.press('Space');
	await expect(page.getByRole('button', { name: /^Pause/ }).first()).toBeVisible();
	await page.reload();
	await expect(now).toContainText(/Training was stopped.*step \d+ of 16/);
	await tabTo(page, /^Resume/);
	await page.keyboard.press('Enter');
	await expect(now).toContainText('done in', { timeout: 300_000 });
	await expect(page.getByRole('button', { name: /Adapter.*16 steps, rank 8/ })).toBeVisible();
});
