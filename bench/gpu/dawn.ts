/** WebGPU in Node: Dawn as `navigator.gpu`, so that the engine opens it as it does in a browser. */
import { pathToFileURL } from 'node:url';

interface DawnPackage {
	create: (flags: string[]) => GPU;
	globals: Record<string, unknown>;
}

/**
 * Dawn's own switches: it keeps f16 from NVIDIA's Vulkan drivers by default, where browsers on D3D12 and Metal offer it; and the GPU's
 * clock is not to be rounded.
 */
const FEATURES = [
	'enable-dawn-features=vulkan_enable_f16_on_nvidia',
	'disable-dawn-features=timestamp_quantization',
];

/** @param entry the package's index.js: it is loaded at run time, because it holds a native library */
export async function installDawn(entry: string): Promise<void> {
	const { create, globals } = (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as DawnPackage;
	Object.assign(globalThis, globals);
	Object.defineProperty(navigator, 'gpu', { value: create(FEATURES), configurable: true });
}

/** Node ends only once the last reference to Dawn is gone. */
export function removeDawn(): void {
	delete (navigator as { gpu?: GPU }).gpu;
}

export interface AdapterReport {
	/** Vendor, architecture, description. */
	name: string;
	/** A program on the processor instead of a GPU. */
	software: boolean;
}

/** @returns null where there is no adapter at all */
export async function describeAdapter(): Promise<AdapterReport | null> {
	const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (adapter === null) return null;
	const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
	const name = [vendor, architecture, device, description].filter((part) => part !== '').join(' ');
	return { name, software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/i.test(name) };
}
