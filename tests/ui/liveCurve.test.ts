import { ChartLink } from '#ui/charts/link.svelte.ts';
import LiveCurve from '#ui/charts/LiveCurve.svelte';
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';

const props = {
	label: 'Loss',
	steps: [0, 1, 2, 3, 4],
	last: 10,
	series: [
		{ id: 'loss', label: 'loss', metric: 'loss', color: 'fg-1' as const, values: [1, 0.9, 0.8, 0.7, 0.6] },
	],
};

describe('a live curve', () => {
	test('gives its newest value to screen readers', async () => {
		const screen = await render(LiveCurve, props);
		await expect
			.element(screen.getByRole('slider', { name: 'Loss' }))
			.toHaveAttribute('aria-valuetext', 'step 4: loss 0.60');
	});

	test('moves its cursor by the arrow keys, and back to the newest by Escape', async () => {
		const link = new ChartLink();
		const screen = await render(LiveCurve, { ...props, link });
		const curve = screen.getByRole('slider', { name: 'Loss' });
		(curve.element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
		await expect.element(curve).toHaveAttribute('aria-valuetext', 'step 2: loss 0.80');
		await userEvent.keyboard('{Home}');
		await expect.element(curve).toHaveAttribute('aria-valuenow', '0');
		await userEvent.keyboard('{Escape}');
		await expect.element(curve).toHaveAttribute('aria-valuenow', '4');
	});

	test('shares the cursor with the charts it is linked to', async () => {
		const link = new ChartLink();
		const one = await render(LiveCurve, { ...props, link });
		const other = await render(LiveCurve, { ...props, label: 'Other', link });
		(one.getByRole('slider', { name: 'Loss' }).element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowLeft}');
		await expect.element(other.getByRole('slider', { name: 'Other' })).toHaveAttribute('aria-valuenow', '3');
	});

	test('shows every value as a table by the key T', async () => {
		const screen = await render(LiveCurve, props);
		(screen.getByRole('slider', { name: 'Loss' }).element() as HTMLElement).focus();
		await userEvent.keyboard('t');
		const table = screen.getByRole('table');
		await expect.element(table).toBeVisible();
		expect(table.element().querySelectorAll('tbody tr')).toHaveLength(5);
		await expect.element(screen.getByRole('cell', { name: '0.80' })).toBeVisible();
	});

	test('draws new values without a new chart', async () => {
		const screen = await render(LiveCurve, props);
		await expect.poll(() => screen.container.querySelector('canvas')).not.toBeNull();
		const canvas = screen.container.querySelector('canvas');
		await screen.rerender({
			steps: [...props.steps, 5],
			series: props.series.map((one) => ({ ...one, values: [...one.values, 0.5] })),
		});
		await expect.element(screen.getByText('loss 0.50')).toBeVisible();
		expect(screen.container.querySelector('canvas')).toBe(canvas);
	});
});
