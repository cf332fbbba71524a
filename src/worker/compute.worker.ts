/**
 * The compute worker, which holds tensors, gradients and the adapter. The composition root of its thread.
 *
 * Runs on WebGPU; without it, on tfjs's wasm backend with the reason in the device report. A worker named
 * `compute-wasm` runs on wasm in any case, for comparison and for tests; one named `compute-2` uses at most two threads of wasm.
 */
import { openDevice } from '#engine/device.ts';
import { wasmFiles } from '#engine/host/wasmFiles.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { browserKernelStore } from '#runtime/storage/kernelStore.ts';
import { serveCalls } from '#core/rpc/server.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { COMPUTE_CALLS } from './computeCalls.ts';

const backend = self.name === 'compute-wasm' ? 'wasm' : 'auto';
const [, threads] = /^compute-(\d+)$/.exec(self.name) ?? [];
const wasmThreads = threads === undefined ? {} : { wasmThreads: Number(threads) };

serveCalls(
	self,
	COMPUTE_CALLS,
	new LocalComputeEngine({
		openDevice: () => openDevice({ backend, wasmFiles, ...wasmThreads }),
		loadFiles: loadModelFiles,
		kernelStore: browserKernelStore(),
	}),
);
