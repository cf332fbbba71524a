import { describe, expect, test } from 'vitest';
import { openPage, SMALL } from './support/app.ts';

describe('memory', () => {
	test('says what training was planned to take and took, what was kept, and by whose choice', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		session.show('adapter');
		const region = screen.getByRole('region', { name: 'Memory' });
		await expect.element(region).toMatchTextContent('Estimated before the start: 42 MB');
		await expect.element(region).toMatchTextContent('taken: 40 MB');
		await expect.element(region).toMatchTextContent('Activations are kept');
		await expect.element(region).toMatchTextContent('a page may take 4.0 GB here');
	});

	test('is steered from the settings, which the recipe keeps', async () => {
		const { session, screen } = await openPage({}, SMALL);
		await screen.getByText('All settings').click();
		await screen.getByRole('combobox', { name: /Training: activations/ }).selectOptions('recompute');
		expect(session.draft.recipe.training.activations).toBe('recompute');
		await session.startRun();
		session.show('adapter');
		const region = screen.getByRole('region', { name: 'Memory' });
		await expect.element(region).toMatchTextContent('Each block is computed again');
		await expect.element(region).toMatchTextContent('as the recipe says');
	});
});
