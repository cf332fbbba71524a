import { objectiveOf } from '#core/loss/objectives/registry.ts';
import type { PlanePair, PlaneProbe } from '#ui/charts/plane.ts';
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

/** The first layout has a scroll bar that later ones lack; the plane then draws itself again. */
async function drawnAtItsSize(surface: Element): Promise<void> {
	const canvas = surface.parentElement?.querySelector(':scope > canvas');
	const misfit = (): number =>
		canvas instanceof HTMLCanvasElement
			? Math.abs(canvas.width / devicePixelRatio - surface.getBoundingClientRect().width)
			: Infinity;
	await expect.poll(misfit).toBeLessThan(1);
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
		await drawnAtItsSize(plane.element());
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

describe('the point to read', () => {
	const start: PlaneProbe = { chosen: 1, rejected: -1, pair: null };

	async function openProbe() {
		const moved: PlaneProbe[] = [];
		const onprobe = (probe: PlaneProbe): void => void moved.push(probe);
		const objective = objectiveOf('apo_zero');
		const screen = await render(Plane, {
			objective,
			pairs,
			tracked: '2',
			onopen: () => undefined,
			probe: start,
			onprobe,
		});
		return { screen, moved, handle: screen.getByRole('slider', { name: /Point to read/ }) };
	}

	test('says loss and gradient, and moves by arrow keys', async () => {
		const { handle, moved } = await openProbe();
		await expect
			.element(handle)
			.toHaveAttribute(
				'aria-valuetext',
				'chosen +1.00, rejected −1.00: loss 0.54, gradient −0.197 on chosen and +0.197 on rejected',
			);
		(handle.element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowRight}{Home}');
		expect(moved).toEqual([
			{ chosen: 1.1, rejected: -1, pair: null },
			{ chosen: 0, rejected: 0, pair: null },
		]);
	});

	test('follows the pointer, and takes the pair whose dot is dragged', async () => {
		const { screen, moved } = await openProbe();
		const surface = screen.getByRole('slider', { name: /Pairs on the plane/ });
		await drawnAtItsSize(surface.element());
		const box = surface.element().getBoundingClientRect();
		const at = (chosen: number, rejected: number, buttons: number): PointerEventInit => ({
			bubbles: true,
			pointerId: 1,
			pointerType: 'mouse',
			buttons,
			clientX: box.left + ((chosen + 3) / 6) * box.width,
			clientY: box.top + ((3 - rejected) / 6) * box.height,
		});
		surface.element().dispatchEvent(new PointerEvent('pointerdown', at(1.5, -0.4, 1)));
		surface.element().setPointerCapture = () => undefined;
		surface.element().dispatchEvent(new PointerEvent('pointermove', at(0, 1.5, 1)));
		expect(moved.at(-1)?.pair?.id).toBe('3');
		expect(moved.at(-1)?.rejected).toBeCloseTo(1.5, 1);
	});
});
