/**
 * URLs of tfjs's wasm binaries and scripts as vite serves them; code that runs in a browser passes them to
 * openDevice().
 *
 * In Node (unit and golden tests) tfjs finds the files itself, so nothing else imports this file.
 */
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import type { WasmFiles } from './wasm.ts';

export const wasmFiles: WasmFiles = {
	binaries: {
		'tfjs-backend-wasm.wasm': plain,
		'tfjs-backend-wasm-simd.wasm': simd,
		'tfjs-backend-wasm-threaded-simd.wasm': threadedSimd,
	},
	threads: async () => {
		const [factory, worker] = await Promise.all([
			import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js?raw'),
			import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js?raw'),
		]);
		return { factory: factory.default, worker: worker.default };
	},
};
