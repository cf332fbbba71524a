/** Device memory of the runs that train on one device: the budget for the next run, and the peak of each run. */
import { memoryBudget } from '#engine/device.ts';
import { memoryReport, resetPeak, resetPeakLive, trimMemory } from '#engine/memory.ts';

export class DeviceMemory {
	readonly #runs = new Set<RunMemory>();

	/**
	 * Bytes that the next run may plan with, weights included: the page's budget less the plans of the runs here. Runs use the
	 * same working memory in turn, so together they take less than the sum of their plans.
	 */
	get budgetBytes(): number {
		let planned = 0;
		for (const run of this.#runs) planned += run.plannedBytes;
		return Math.max(0, memoryBudget() - planned);
	}

	/**
	 * Counts a run from now until its {@link RunMemory.end}.
	 *
	 * @param modelBytes of the weights, which all runs share and each run's peak includes
	 * @param plannedBytes of the run's plan, weights included
	 */
	start(modelBytes: number, plannedBytes: number): RunMemory {
		return new RunMemory(this.#runs, modelBytes, plannedBytes);
	}
}

/**
 * The memory of one run.
 *
 * While the run is alone, its peak is the device's peak less the bytes in use at the start. Once another run has joined, the free
 * buffers of the pool belong to no run. From then on the peak counts the run's own tensors: weights, held buffers (parameters,
 * gradient, moments) and the most that one turn adds.
 */
export class RunMemory {
	/** Planned bytes without the model's weights. */
	readonly plannedBytes: number;
	readonly #runs: Set<RunMemory>;
	readonly #modelBytes: number;
	/** Bytes in use at the start that are not the model's. */
	readonly #others: number;
	#heldBytes = 0;
	/** The most that a turn added to the live bytes before it. */
	#turnBytes = 0;
	#liveBefore = 0;
	/** The peak until another run joined; null while this run is alone. */
	#peakAlone: number | null = null;

	constructor(runs: Set<RunMemory>, modelBytes: number, plannedBytes: number) {
		this.#runs = runs;
		this.#modelBytes = modelBytes;
		this.plannedBytes = plannedBytes - modelBytes;
		if (runs.size === 0) {
			// Free buffers of earlier work are not this run's.
			trimMemory();
			resetPeak();
		} else {
			for (const run of runs) run.#peakAlone = run.peak;
			this.#peakAlone = 0;
		}
		this.#others = memoryReport().bytesUsed - modelBytes;
		runs.add(this);
		this.startTurn();
	}

	/** Makes the buffers that the run holds until its end, and starts to count the turn after them. */
	hold<T>(make: () => T): T {
		const before = memoryReport().liveBytes;
		const made = make();
		this.#heldBytes = memoryReport().liveBytes - before;
		this.startTurn();
		return made;
	}

	/** Call it at the start of every turn of this run. */
	startTurn(): void {
		resetPeakLive();
		this.#liveBefore = memoryReport().liveBytes;
	}

	/** Counts the turn so far. Call it at the end of every turn, and before {@link peak}. */
	noteTurn(): void {
		this.#turnBytes = Math.max(this.#turnBytes, memoryReport().peakLiveBytes - this.#liveBefore);
	}

	/** Highest number of bytes since the start, weights included. */
	get peak(): number {
		if (this.#peakAlone === null) return memoryReport().peakBytes - this.#others;
		return Math.max(this.#peakAlone, this.#modelBytes + this.#heldBytes + this.#turnBytes);
	}

	end(): void {
		this.#runs.delete(this);
	}
}
