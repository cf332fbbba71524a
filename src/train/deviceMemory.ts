/** Counts the device memory of one run apart from what else stands on the device. */
import { memoryReport, resetPeak, trimMemory } from '#engine/memory.ts';

export class RunMemory {
	#others = 0;

	/** @param modelBytes of the weights the run uses, which stand already and are counted in */
	start(modelBytes: number): void {
		// What was left free by earlier work is not this run's.
		trimMemory();
		resetPeak();
		this.#others = memoryReport().bytesUsed - modelBytes;
	}

	/** Bytes at the highest point since the start. */
	get peak(): number {
		return memoryReport().peakBytes - this.#others;
	}
}
