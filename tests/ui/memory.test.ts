import { describe, expect, test } from 'vitest';
import { openPage, SMALL } from './support/app.ts';

describe('memory', () => {
	test('shows the estimated and the measured memory, the kept activations, and the reason', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		session.show('adapter');
		const region = screen.getByRole('region', { name: 'Memory' });
		await expect.element(region).toMatchTextContent('Estimated before the start: 42 MB');
		await expect.element(region).toMatchTextContent('measured: 40 MB');
		await expect.element(region).toMatchTextContent('Activations are kept');
		await expect.element(region).toMatchTextContent('a page may use 4.0 GB here');
	});

	test('has a setting, which the recipe stores', async () => {
		const { session, screen } = await openPage({}, SMALL);
		await screen.getByText('All settings').click();
		await screen.getByRole('combobox', { name: /Training: activations/ }).selectOptions('recompute');
		expect(session.draft.recipe.training.activations).toBe('recompute');
		await session.startRun();
		session.show('adapter');
		const region = screen.getByRole('region', { name: 'Memory' });
		await expect.element(region).toMatchTextContent('Each block is computed again');
		await expect.element(region).toMatchTextContent('set in the recipe');
	});
});
