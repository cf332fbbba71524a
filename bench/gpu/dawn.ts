/** WebGPU in Node: installs Dawn as `navigator.gpu`, so that the engine opens it as in a browser. */
import { pathToFileURL } from 'node:url';

interface DawnPackage {
	create: (flags: string[]) => GPU;
	globals: Record<string, unknown>;
}

/**
 * Dawn's own switches. By default Dawn disables f16 on NVIDIA's Vulkan drivers, although browsers on D3D12
 * and Metal offer it; and it rounds the GPU's clock.
 */
const FEATURES = [
	'enable-dawn-features=vulkan_enable_f16_on_nvidia',
	'disable-dawn-features=timestamp_quantization',
];

/** @param entry the package's index.js, loaded at run time because it holds a native library */
export async function installDawn(entry: string): Promise<void> {
	const { create, globals } = (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as DawnPackage;
	Object.assign(globalThis, globals);
	Object.defineProperty(navigator, 'gpu', { value: create(FEATURES), configurable: true });
}

/** Removes the last reference to Dawn, without which Node would not exit. */
export function removeDawn(): void {
	delete (navigator as { gpu?: GPU }).gpu;
}

export interface AdapterReport {
	/** Vendor, architecture, description. */
	name: string;
	/** True if a program on the processor stands in for a GPU. */
	software: boolean;
}

/** @returns null if there is no adapter */
export async function describeAdapter(): Promise<AdapterReport | null> {
	const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (adapter === null) return null;
	const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
	const name = [vendor, architecture, device, description].filter((part) => part !== '').join(' ');
	return { name, software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/i.test(name) };
}
