/** No view has a violation that axe can find, in either theme. */
import { afterEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import type { View } from '#app/address.ts';
import { PIPELINE } from '#core/pipeline.ts';
import { openPage } from './support/app.ts';
import { violations } from './support/violations.ts';

afterEach(() => {
	delete document.documentElement.dataset['theme'];
});

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
	test('the first page, at 1280 and at 390', async () => {
		await page.viewport(1280, 800);
		const { screen } = await openPage();
		document.documentElement.dataset['theme'] = theme;
		screen.container.querySelector('details')!.open = true;
		expect(await violations()).toEqual([]);
		await page.viewport(390, 844);
		expect(await violations()).toEqual([]);
	});

	test('every view of a run that is done', async () => {
		await page.viewport(1280, 800);
		const { session } = await openPage();
		await session.startRun();
		document.documentElement.dataset['theme'] = theme;
		const views: View[] = ['overview', ...PIPELINE.map(({ id }) => id)];
		for (const view of views) {
			session.show(view);
			expect(await violations(), view).toEqual([]);
		}
		session.place = 'shelf';
		expect(await violations(), 'shelf').toEqual([]);
	});
});
