import { objectiveOf } from '#core/loss/objectives/registry.ts';
import type { PlanePair } from '#ui/charts/plane.ts';
import Plane from '#ui/charts/Plane.svelte';
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';

const place = (id: string, chosen: number, rejected: number): PlanePair => ({
	id,
	name: `pair ${id}`,
	chosen,
	rejected,
	trail: [{ chosen, rejected }],
	inBatch: false,
	lengths: null,
});
const pairs = [place('1', -1, 0), place('2', 0.5, -0.5), place('3', 1.5, -0.4), place('4', 0.6, -2)];

function open(onopen: (id: string) => void) {
	return render(Plane, { objective: objectiveOf('apo_zero'), pairs, tracked: '2', onopen });
}

describe('the plane', () => {
	test('names the tracked pair and its position', async () => {
		const screen = await open(() => undefined);
		await expect
			.element(screen.getByRole('slider'))
			.toHaveAttribute('aria-valuetext', 'pair 2: chosen +0.50, rejected −0.50, margin 1.00');
	});

	test('moves to the neighbour in the arrow’s direction and opens it by Enter', async () => {
		const opened: string[] = [];
		const screen = await open((id) => opened.push(id));
		const plane = screen.getByRole('slider');
		(plane.element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowRight}{Enter}');
		await userEvent.keyboard('{ArrowLeft}{ArrowLeft}{Enter}');
		expect(opened).toEqual(['3', '1']);
	});

	test('opens the dot that is clicked, and nothing beside the dots', async () => {
		const opened: string[] = [];
		const screen = await open((id) => opened.push(id));
		const plane = screen.getByRole('slider');
		await expect.poll(() => plane.element().getBoundingClientRect().width).toBeGreaterThan(50);
		const { width } = plane.element().getBoundingClientRect();
		const at = (reward: number): number => ((reward + 3) / 6) * width;
		await userEvent.click(plane, { position: { x: at(1.5), y: width - at(-0.4) } });
		await userEvent.click(plane, { position: { x: at(-2.5), y: width - at(-2.5) } });
		expect(opened).toEqual(['3']);
	});

	test('lists all pairs as a table by the key T', async () => {
		const screen = await open(() => undefined);
		(screen.getByRole('slider').element() as HTMLElement).focus();
		await userEvent.keyboard('t');
		await expect.element(screen.getByRole('row', { name: /pair 4.*0\.60.*2\.00/ })).toBeVisible();
	});
});
