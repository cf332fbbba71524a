/**
 * Times one compute pass: by the GPU's own clock if it has one (`timestamp-query`), otherwise from the submit
 * to its end.
 */
import { DeviceError } from '#core/errors.ts';
import type { BackendParts } from './backend.ts';

interface PassClock {
	/** For beginComputePass(). */
	readonly pass: GPUComputePassDescriptor;
	/** Call after the pass has ended and before its submit. */
	end(encoder: GPUCommandEncoder): void;
	/** Milliseconds of the finished pass. Call once: it destroys the clock. */
	ms(): Promise<number>;
}

const BYTES = 16; // Two 64-bit times, nanoseconds.

/** Milliseconds of the dispatches that `work` records, in a separate pass and submit. */
export async function timePass(backend: BackendParts, flush: () => void, work: () => void): Promise<number> {
	const { device } = backend;
	flush();
	backend.ensureCommandEncoderReady();
	const encoder = backend.commandEncoder;
	if (encoder === null) throw new DeviceError('The GPU gave no command encoder.', { code: 'no-encoder' });
	const clock = device.features.has('timestamp-query') ? queryClock(device) : wallClock(device);
	backend.computePassEncoder = encoder.beginComputePass(clock.pass);
	work();
	backend.endComputePassEncoder();
	clock.end(encoder);
	flush();
	return clock.ms();
}

function queryClock(device: GPUDevice): PassClock {
	const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
	const buffer = (usage: number): GPUBuffer => device.createBuffer({ size: BYTES, usage });
	const resolved = buffer(GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
	const staging = buffer(GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
	return {
		pass: { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } },
		end: (encoder) => {
			encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
			encoder.copyBufferToBuffer(resolved, 0, staging, 0, BYTES);
		},
		ms: async () => {
			await staging.mapAsync(GPUMapMode.READ);
			const [start = 0n, end = 0n] = new BigUint64Array(staging.getMappedRange());
			for (const spent of [staging, resolved, querySet]) spent.destroy();
			return Number(end - start) / 1e6;
		},
	};
}

function wallClock(device: GPUDevice): PassClock {
	let start = 0;
	return {
		pass: {},
		end: () => void (start = performance.now()),
		ms: async () => {
			await device.queue.onSubmittedWorkDone();
			return performance.now() - start;
		},
	};
}
