/** An in-memory store for kernel times and settings. */
import type { KernelStore } from '#core/ports.ts';
import type { KernelSettings, KernelTimes } from '#core/device/kernels.ts';

export function memoryKernelStore(): KernelStore & { byDevice: Map<string, KernelTimes> } {
	const byDevice = new Map<string, KernelTimes>();
	let kept: KernelSettings | null = null;
	return {
		byDevice,
		times: (device) => Promise.resolve(byDevice.get(device) ?? null),
		keepTimes: (device, times) => {
			byDevice.set(device, structuredClone(times));
			return Promise.resolve();
		},
		settings: () => Promise.resolve(kept),
		keepSettings: (settings) => {
			kept = settings;
			return Promise.resolve();
		},
	};
}
