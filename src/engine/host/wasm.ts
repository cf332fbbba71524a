/**
 * tfjs's wasm backend, with threads if the page is cross-origin isolated.
 *
 * tfjs starts its threads from the text of one of its functions. A bundler renames identifiers in that text,
 * so the threads of a built page fail at once. This file therefore starts the threaded module from the text
 * of the package's own file, which the main thread and the worker threads share. The backend itself, its
 * kernels and the plain module are tfjs's.
 */
import { engine, env, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { DeviceError } from '#core/errors.ts';

type Binary =
	'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';
const THREADED: Binary = 'tfjs-backend-wasm-threaded-simd.wasm';

/**
 * Texts of the package's files: emscripten's factory, and the module that holds the script of each thread's
 * worker.
 */
export interface ThreadScripts {
	readonly factory: string;
	readonly worker: string;
}

/** Package files that a browser needs; see wasmFiles.ts. */
export interface WasmFiles {
	/** URLs of the three binaries. */
	readonly binaries: Readonly<Record<Binary, string>>;
	readonly threads: () => Promise<ThreadScripts>;
}

/** Emscripten's module in the form that tfjs's backend expects. */
interface WasmModule {
	cwrap(name: string, result: string | null, parameters: readonly string[]): unknown;
	tfjs?: Record<string, unknown>;
}

interface FactoryOptions {
	/** Script that each thread loads before it runs. */
	mainScriptUrlOrBlob: Blob;
	locateFile: (path: string) => string;
}

type BackendFactory = Parameters<typeof registerBackend>[1];
type Factory = (options: FactoryOptions) => Promise<WasmModule>;

const PRIORITY = 2;
/** The binary starts at most this many threads. */
const MOST_THREADS = 4;

/**
 * tfjs's own factory of the plain module; kept because registering another backend under its name drops it.
 */
let plain: BackendFactory | undefined;
/** Threads of the backend registered now; 0 before the first. */
let registered = 0;
/** Read only once, because registering overwrites the flag behind it. */
let threadsSupported: Promise<boolean> | undefined;

/**
 * Registers the backend under tfjs's name for it; setBackend('wasm') then starts or finds it.
 *
 * @param files   needed in a browser; in Node tfjs finds its files itself, and there are no threads
 * @param threads maximum; 1 selects the plain module. Default: all processors but one, which is left to the
 *   page
 * @returns       the number of threads that will run
 */
export async function registerWasm(files: WasmFiles | undefined, threads?: number): Promise<number> {
	const wasm = await import('@tensorflow/tfjs-backend-wasm');
	plain ??= engine().registryFactory['wasm']?.factory;
	const supported = files !== undefined && (await (threadsSupported ??= canHaveThreads()));
	const wanted = supported ? (threads ?? sparedProcessors()) : 1;
	if (registered === wanted) return wanted;
	if (files !== undefined) wasm.setWasmPaths(files.binaries);
	wasm.setThreadsCount(wanted);
	env().set('WASM_HAS_MULTITHREAD_SUPPORT', wanted > 1);
	replaceBackend(
		wanted > 1 && files !== undefined
			? async () => new wasm.BackendWasm(await startThreaded(files, wanted))
			: plain,
	);
	registered = wanted;
	return wanted;
}

function replaceBackend(factory: BackendFactory | undefined): void {
	if (engine().registryFactory['wasm'] !== undefined) removeBackend('wasm');
	if (factory !== undefined) registerBackend('wasm', factory, PRIORITY);
}

function sparedProcessors(): number {
	// Some browsers hide the number.
	const { hardwareConcurrency: count = 1 } = navigator as Partial<Navigator>;
	return Math.max(1, Math.min(MOST_THREADS, count - 1));
}

/** Shared memory requires a cross-origin isolated page, and the threaded binary requires SIMD. */
async function canHaveThreads(): Promise<boolean> {
	if (!globalThis.crossOriginIsolated) return false;
	const [shared, simd] = await Promise.all([
		env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
		env().getAsync('WASM_HAS_SIMD_SUPPORT'),
	]);
	return shared === true && simd === true;
}

async function startThreaded(
	files: WasmFiles,
	threads: number,
): Promise<ConstructorParameters<typeof BackendWasm>[0]> {
	const scripts = await files.threads();
	const worker = new Blob([workerText(scripts.worker)], { type: 'text/javascript' });
	const factory = await importFactory(scripts.factory, threads);
	const module = await factory({
		mainScriptUrlOrBlob: new Blob([scripts.factory], { type: 'text/javascript' }),
		locateFile: (path) => (path.endsWith('.wasm') ? files.binaries[THREADED] : URL.createObjectURL(worker)),
	});
	module.tfjs = {
		init: module.cwrap('init', null, []),
		initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
		getThreadsCount: module.cwrap('get_threads_count', 'number', []),
		registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
		disposeData: module.cwrap('dispose_data', null, ['number']),
		dispose: module.cwrap('dispose', null, []),
	};
	return module as unknown as ConstructorParameters<typeof BackendWasm>[0];
}

/**
 * The file is a classic script that declares one variable; appending an export makes it a module.
 *
 * The binary starts half as many threads as it finds processors, because it takes them for hyperthreads; two
 * processors would give one thread. It reads only `navigator.hardwareConcurrency`, so this wrapper doubles
 * that number.
 */
async function importFactory(text: string, threads: number): Promise<Factory> {
	const processors = `const navigator = { hardwareConcurrency: ${2 * threads} };\n`;
	const source = new Blob([processors, text, '\nexport default WasmBackendModuleThreadedSimd;'], {
		type: 'text/javascript',
	});
	const url = URL.createObjectURL(source);
	try {
		const loaded = (await import(/* @vite-ignore */ url)) as { default: Factory };
		return loaded.default;
	} finally {
		URL.revokeObjectURL(url);
	}
}

/** Text of the worker. The file is a module whose one export is a template string without substitutions. */
function workerText(file: string): string {
	const [, text] = /`([^`]*)`/.exec(file) ?? [];
	if (text !== undefined) return text;
	throw new DeviceError('tfjs’s file for the threads of its wasm backend has another form than expected.', {
		code: 'wasm-threads',
		hint: 'This is a fault of the workbench. Copy the report.',
	});
}
