/**
 * WebGPU in Node: installs Dawn (the npm package `webgpu`, found at ANCHORAGE_DAWN) as `navigator.gpu`. For
 * devices that browsers do not offer, such as Mesa's lavapipe: see docs/kernels.md.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Dawn {
	create(options: readonly string[]): GPU;
	globals: object;
}

const folder = process.env['ANCHORAGE_DAWN'] ?? '';
const dawn = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.js')).href)) as Dawn;
Object.assign(globalThis, dawn.globals);
if (typeof navigator === 'undefined') Object.assign(globalThis, { navigator: {} });
Object.defineProperty(navigator, 'gpu', { value: dawn.create([]), configurable: true });
