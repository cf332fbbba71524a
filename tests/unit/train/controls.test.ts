import { expect, test } from 'vitest';
import { Controls } from '#train/controls.ts';

test('a single step runs one step and pauses again', async () => {
	const controls = new Controls(true);
	expect(controls.next()).toBe('pause');
	const released = controls.released();
	controls.step();
	expect(await released).toBe(false);
	expect(controls.next()).toBe('run');
	expect(controls.next()).toBe('pause');
});

test('resume releases for good', async () => {
	const controls = new Controls(true);
	const released = controls.released();
	controls.resume();
	expect(await released).toBe(true);
	expect([controls.next(), controls.next()]).toEqual(['run', 'run']);
});

test('a stop is final and wakes a paused run', async () => {
	const controls = new Controls(true);
	const released = controls.released();
	controls.stop(true);
	controls.resume();
	expect(await released).toBe(false);
	expect(controls.next()).toBe('stop-keep');
	expect(controls.stopping).toBe(true);
});

test('a request made before anyone waits is kept', async () => {
	const controls = new Controls(true);
	controls.resume();
	expect(await controls.released()).toBe(true);
});
