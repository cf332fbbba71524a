/** Asks for a GPU adapter, and explains why WebGPU cannot be used: for the engine that trains and for WebLLM. */
import { DeviceError } from '../errors.ts';

/** The first part that is missing: the page's security, the API, the adapter, or the device behind it. */
export type MissingPart = 'secure context' | 'navigator.gpu' | 'adapter' | 'device';

const BROWSERS = 'Open this page in a current Chrome or Edge, or Safari 26 or later';
const MEANWHILE = 'Sampling and training run on the processor meanwhile.';

const TEXTS: Readonly<Record<MissingPart, { message: string; hint: string }>> = {
	'secure context': {
		message: 'Browsers hide WebGPU from pages that come over a plain network address',
		hint: `Open the page by https:// or as http://localhost. ${MEANWHILE}`,
	},
	'navigator.gpu': {
		message: 'This browser gives the page no WebGPU: navigator.gpu is not there',
		hint: `${BROWSERS}. ${MEANWHILE}`,
	},
	adapter: {
		message: 'This browser has WebGPU but found no graphics processor to use it with',
		hint: `Switch on hardware acceleration in the browser’s settings and update the graphics driver, then reload. ${MEANWHILE}`,
	},
	device: {
		message: 'The graphics processor could not be opened with WebGPU',
		hint: `Update the graphics driver and restart the browser, then reload. ${MEANWHILE}`,
	},
};

/** @param thrown the browser's error, whose words end the message; undefined if it gave none */
export function noWebGpu(missing: MissingPart, thrown?: unknown): DeviceError {
	const { message, hint } = TEXTS[missing];
	const words = wordsOf(thrown);
	return new DeviceError(words === '' ? `${message}.` : `${message} (${words}).`, {
		code: 'webgpu-missing',
		hint,
		context: { missing },
		...(thrown === undefined ? {} : { cause: thrown }),
	});
}

const MOST_WORDS = 200;

/** A browser's sentence without its full stop. Anything can be thrown, also values without a text. */
function wordsOf(thrown: unknown): string {
	const text = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : '';
	return text.slice(0, MOST_WORDS).trim().replace(/\.+$/, '');
}

/** The parts of a thread's global scope that give WebGPU. */
export interface GpuScope {
	readonly navigator?: { readonly gpu?: Pick<GPU, 'requestAdapter'> | null };
	/** Undefined outside of browsers. */
	readonly isSecureContext?: boolean;
}

/** @throws DeviceError `webgpu-missing`, also if the API throws or returns undefined */
export async function findAdapter(scope: GpuScope): Promise<GPUAdapter> {
	const gpu = gpuOf(scope);
	const adapter = await request(gpu).catch((thrown: unknown) => {
		throw noWebGpu('adapter', thrown);
	});
	if (adapter === null || adapter === undefined) throw noWebGpu('adapter');
	return adapter;
}

/** Replacements of the API by extensions of the browser give undefined, or throw instead of rejecting. */
async function request(gpu: Pick<GPU, 'requestAdapter'>): Promise<GPUAdapter | null | undefined> {
	return gpu.requestAdapter({ powerPreference: 'high-performance' });
}

function gpuOf(scope: GpuScope): Pick<GPU, 'requestAdapter'> {
	let gpu: Pick<GPU, 'requestAdapter'> | null | undefined;
	try {
		gpu = scope.navigator?.gpu;
	} catch (thrown) {
		throw noWebGpu('navigator.gpu', thrown);
	}
	if (gpu !== null && gpu !== undefined) return gpu;
	throw noWebGpu(scope.isSecureContext === false ? 'secure context' : 'navigator.gpu');
}
