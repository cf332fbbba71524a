/** Messages of limits that the GPU refuses to exceed. */
import { DeviceError, ShapeError } from '#core/errors.ts';

/** WebGPU rejects an oversized dispatch without an exception, and its result is zeros. */
export function checkGrid(
	{ label }: { label: string },
	grid: readonly [x: number, y?: number, z?: number],
	most: number,
): void {
	const [x, y = 1, z = 1] = grid;
	if (x <= most && y <= most && z <= most) return;
	throw new ShapeError(
		`${label}: ${grid.join(' × ')} workgroups; this GPU runs at most ${most} along an axis.`,
		{
			code: 'grid-too-large',
			hint: 'Use fewer tokens at once: fewer pairs a step, or a smaller largest length.',
			context: { label, most },
		},
	);
}

export function outOfMemory(message: string): DeviceError {
	return new DeviceError(`The GPU has no memory for this: ${message}`, {
		code: 'out-of-memory',
		hint: 'Recompute activations, use fewer pairs a step, or a smaller model.',
	});
}
