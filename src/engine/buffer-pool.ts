/**
 * GPU buffers for tfjs's webgpu backend: takes the place of its BufferManager, with the same methods.
 *
 * Why: (1) the free buffer with the lowest number is handed out first, so a step that allocates in the same order gets the same
 * buffers every time and its bind groups can be reused; (2) release is O(1) in the number of used buffers; (3) it knows its peak,
 * and destroys what lay unused for many submits, so that odd batch sizes do not add up.
 *
 * A buffer released while the commands that use it are not yet submitted may be handed out again at once: commands run in the
 * order of recording, so the next writer cannot overtake the last reader.
 */

/** A free buffer untouched for this many submits may be destroyed, where the pool holds much more than is in use. */
const IDLE_SUBMITS = 64;
/** Free bytes that are always kept. */
const KEEP_FREE_BYTES = 64 * 2 ** 20;

interface PooledBuffer {
	readonly buffer: GPUBuffer;
	readonly number: number;
	readonly key: string;
	lastUse: number;
}

export interface PoolReport {
	buffers: number;
	bytesUsed: number;
	bytesAllocated: number;
	/** Highest bytesAllocated since the last {@link BufferPool.resetPeak}. */
	peakBytes: number;
}

export class BufferPool {
	numBytesUsed = 0;
	numBytesAllocated = 0;
	#peakBytes = 0;
	#next = 0;
	#submits = 0;
	readonly #device: GPUDevice;
	readonly #onDestroy: () => void;
	readonly #used = new Map<GPUBuffer, PooledBuffer>();
	/** By size and usage, highest number first, so that pop() gives the lowest. */
	readonly #free = new Map<string, PooledBuffer[]>();

	/** @param onDestroy called after buffers were destroyed: bind groups that name them are void */
	constructor(device: GPUDevice, onDestroy: () => void) {
		this.#device = device;
		this.#onDestroy = onDestroy;
	}

	acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
		const key = `${size}_${usage}`;
		const pooled =
			(reuse ? this.#free.get(key)?.pop() : undefined) ?? this.#create(size, usage, mappedAtCreation, key);
		pooled.lastUse = this.#submits;
		this.#used.set(pooled.buffer, pooled);
		this.numBytesUsed += size;
		return pooled.buffer;
	}

	releaseBuffer(buffer: GPUBuffer, reuse = true): void {
		const pooled = this.#used.get(buffer);
		// tfjs releases after dispose() too; a buffer that is not in use has nothing to give back.
		if (pooled === undefined) return;
		this.#used.delete(buffer);
		this.numBytesUsed -= buffer.size;
		if (!reuse) {
			buffer.destroy();
			this.numBytesAllocated -= buffer.size;
			return;
		}
		pooled.lastUse = this.#submits;
		const free = this.#free.get(pooled.key) ?? [];
		let at = free.length;
		while (at > 0 && (free[at - 1]?.number ?? Infinity) < pooled.number) at -= 1;
		free.splice(at, 0, pooled);
		this.#free.set(pooled.key, free);
	}

	/** Call right after a submit, when no recorded command waits. */
	afterSubmit(): void {
		this.#submits += 1;
		if (this.numBytesAllocated - this.numBytesUsed <= KEEP_FREE_BYTES + this.numBytesUsed / 2) return;
		this.#destroyFree((pooled) => this.#submits - pooled.lastUse > IDLE_SUBMITS);
	}

	/** Destroys every free buffer. Only when no recorded command waits. */
	trim(): void {
		this.#destroyFree(() => true);
	}

	report(): PoolReport {
		let buffers = this.#used.size;
		for (const free of this.#free.values()) buffers += free.length;
		return {
			buffers,
			bytesUsed: this.numBytesUsed,
			bytesAllocated: this.numBytesAllocated,
			peakBytes: this.#peakBytes,
		};
	}

	resetPeak(): void {
		this.#peakBytes = this.numBytesAllocated;
	}

	getNumUsedBuffers(): number {
		return this.#used.size;
	}

	getNumFreeBuffers(): number {
		return this.report().buffers - this.#used.size;
	}

	dispose(): void {
		this.trim();
		for (const buffer of this.#used.keys()) buffer.destroy();
		this.#used.clear();
		this.numBytesUsed = 0;
		this.numBytesAllocated = 0;
	}

	#create(size: number, usage: number, mappedAtCreation: boolean, key: string): PooledBuffer {
		const buffer = this.#device.createBuffer({ size, usage, mappedAtCreation });
		this.numBytesAllocated += size;
		this.#peakBytes = Math.max(this.#peakBytes, this.numBytesAllocated);
		this.#next += 1;
		return { buffer, number: this.#next, key, lastUse: 0 };
	}

	#destroyFree(doomed: (pooled: PooledBuffer) => boolean): void {
		let destroyed = 0;
		for (const [key, free] of this.#free) {
			const kept = free.filter((pooled) => !doomed(pooled));
			for (const pooled of free) {
				if (kept.includes(pooled)) continue;
				pooled.buffer.destroy();
				this.numBytesAllocated -= pooled.buffer.size;
				destroyed += 1;
			}
			if (kept.length === 0) this.#free.delete(key);
			else this.#free.set(key, kept);
		}
		if (destroyed > 0) this.#onDestroy();
	}
}
