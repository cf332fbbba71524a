/**
 * Device memory of the runs that train on one device: the budget for the next run, and the peak of each run.
 *
 * Each run holds its parameters, gradient and moments until it ends. Its working memory (activations, packed batches) is free
 * between its turns, so runs hand it to each other. The peak of a run therefore leaves out what the other runs hold, but counts
 * all working memory: runs that train together report the working memory of the largest.
 */
import { memoryBudget } from '#engine/device.ts';
import { memoryReport, resetPeak, trimMemory } from '#engine/memory.ts';

export class DeviceMemory {
	readonly #runs = new Set<RunMemory>();

	/**
	 * Bytes that the next run may plan with, weights included: the page's budget less what the runs here have planned. A plan
	 * counts all working memory, so the true peak of several runs is lower.
	 */
	get budgetBytes(): number {
		let planned = 0;
		for (const run of this.#runs) planned += run.plannedBytes;
		return Math.max(0, memoryBudget() - planned);
	}

	/**
	 * Counts a run from now on; it must {@link RunMemory.end}.
	 *
	 * @param modelBytes   of the weights, which the runs share and each run's peak includes
	 * @param plannedBytes of the run's plan, weights included
	 */
	start(modelBytes: number, plannedBytes: number): RunMemory {
		return new RunMemory(this.#runs, modelBytes, plannedBytes - modelBytes);
	}
}

export class RunMemory {
	/** Planned beyond the model's weights. */
	readonly plannedBytes: number;
	readonly #runs: Set<RunMemory>;
	/** Bytes in use that are neither this run's nor the model's weights. */
	#others: number;
	#held = 0;
	#peak = 0;

	constructor(runs: Set<RunMemory>, modelBytes: number, plannedBytes: number) {
		this.#runs = runs;
		this.plannedBytes = plannedBytes;
		this.#startSpan();
		this.#others = memoryReport().bytesUsed - modelBytes;
		runs.add(this);
	}

	/** Makes what the run holds until it ends. */
	hold<T>(make: () => T): T {
		const before = memoryReport().bytesUsed;
		const made = make();
		const held = memoryReport().bytesUsed - before;
		this.#held += held;
		for (const run of this.#runs) if (run !== this) run.#others += held;
		return made;
	}

	/** Bytes at the highest point since the start, weights included. */
	get peak(): number {
		return Math.max(this.#peak, memoryReport().peakBytes - this.#others);
	}

	/** Call it once the run has freed what it held. Safe to repeat. */
	end(): void {
		if (!this.#runs.delete(this) || this.#runs.size === 0) return;
		this.#startSpan();
		for (const run of this.#runs) run.#others -= this.#held;
	}

	/** Which runs hold memory changes here: notes the peaks so far, and frees what earlier work left in the pool. */
	#startSpan(): void {
		for (const run of this.#runs) run.#peak = run.peak;
		trimMemory();
		resetPeak();
	}
}
