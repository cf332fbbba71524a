/**
 * GPU buffers for tfjs's webgpu backend; replaces its BufferManager and has the same methods.
 *
 * Reasons: (1) the pool hands out the smallest free buffer that is large enough, up to {@link ROOM} times the
 * requested size, so batches of all sizes share the memory of the largest; (2) among equal buffers the lowest
 * number comes first, so a step that allocates in the same order gets the same buffers every time and its
 * bind groups can be reused; (3) it records its peak and destroys buffers that were unused for many submits.
 *
 * A buffer may be handed out again at once, even if the commands that use it are not yet submitted: commands
 * run in recording order, so the next writer cannot overtake the last reader.
 */

import { at } from '#core/math/at.ts';

/** A free buffer unused for this many submits may be destroyed if the pool holds much more than is in use. */
const IDLE_SUBMITS = 64;
/** Free bytes that are always kept. */
const KEEP_FREE_BYTES = 64 * 2 ** 20;
/**
 * Maximum ratio of a tensor's buffer to its requested size; beyond it a small tensor would block a large
 * one's memory.
 */
const ROOM = 4;
/**
 * STORAGE | COPY_SRC | COPY_DST, for tensors. Other buffers are read or mapped whole, so their size is exact.
 */
export const TENSOR_USAGE = 0x80 | 0x04 | 0x08;

interface PooledBuffer {
	readonly buffer: GPUBuffer;
	readonly size: number;
	readonly usage: number;
	readonly number: number;
	lastUse: number;
	/** Bytes that its user asked for; the buffer may be larger. */
	asked: number;
}

export interface PoolReport {
	buffers: number;
	bytesUsed: number;
	bytesAllocated: number;
	/** Highest bytesAllocated since the last {@link BufferPool.resetPeak}. */
	peakBytes: number;
	/** Bytes that the users of buffers asked for; unlike bytesUsed it does not depend on the free buffers of the pool. */
	liveBytes: number;
	/** Highest liveBytes since the last {@link BufferPool.resetPeakLive}. */
	peakLiveBytes: number;
}

/** The part of a device that a pool needs. */
export type BufferSource = Pick<GPUDevice, 'createBuffer'>;

export class BufferPool {
	numBytesUsed = 0;
	numBytesAllocated = 0;
	/** Size of the largest buffer ever created. */
	largest = 0;
	#peakBytes = 0;
	#liveBytes = 0;
	#peakLiveBytes = 0;
	#next = 0;
	#submits = 0;
	readonly #source: BufferSource;
	readonly #onDestroy: () => void;
	readonly #used = new Map<GPUBuffer, PooledBuffer>();
	/** By usage, sorted by size, then by number. */
	readonly #free = new Map<number, PooledBuffer[]>();

	/** @param onDestroy called after buffers were destroyed, because bind groups that name them are invalid */
	constructor(source: BufferSource, onDestroy: () => void) {
		this.#source = source;
		this.#onDestroy = onDestroy;
	}

	acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
		const room = usage === TENSOR_USAGE && !mappedAtCreation ? ROOM : 1;
		const pooled =
			(reuse ? this.#takeFree(size, usage, room) : undefined) ?? this.#create(size, usage, mappedAtCreation);
		return this.#handOut(pooled, size);
	}

	/** A buffer of exactly this size, for a tensor that stays. */
	acquireExact(size: number, usage: number): GPUBuffer {
		return this.#handOut(this.#takeFree(size, usage, 1) ?? this.#create(size, usage, false), size);
	}

	releaseBuffer(buffer: GPUBuffer, reuse = true): void {
		const pooled = this.#used.get(buffer);
		// tfjs also releases after dispose(); such a buffer is no longer in use.
		if (pooled === undefined) return;
		this.#used.delete(buffer);
		this.numBytesUsed -= pooled.size;
		this.#liveBytes -= pooled.asked;
		if (!reuse) {
			buffer.destroy();
			this.numBytesAllocated -= pooled.size;
			return;
		}
		pooled.lastUse = this.#submits;
		const free = this.#free.get(pooled.usage) ?? [];
		free.splice(firstFrom(free, pooled.size, pooled.number), 0, pooled);
		this.#free.set(pooled.usage, free);
	}

	/** Call right after a submit, when no recorded command is pending. */
	afterSubmit(): void {
		this.#submits += 1;
		if (this.numBytesAllocated - this.numBytesUsed <= KEEP_FREE_BYTES + this.numBytesUsed / 2) return;
		this.#destroyFree((pooled) => this.#submits - pooled.lastUse > IDLE_SUBMITS);
	}

	/** Destroys every free buffer. Call only when no recorded command is pending. */
	trim(): void {
		this.#destroyFree(() => true);
	}

	report(): PoolReport {
		return {
			buffers: this.#used.size + this.getNumFreeBuffers(),
			bytesUsed: this.numBytesUsed,
			bytesAllocated: this.numBytesAllocated,
			peakBytes: this.#peakBytes,
			liveBytes: this.#liveBytes,
			peakLiveBytes: this.#peakLiveBytes,
		};
	}

	resetPeak(): void {
		this.#peakBytes = this.numBytesAllocated;
	}

	resetPeakLive(): void {
		this.#peakLiveBytes = this.#liveBytes;
	}

	getNumUsedBuffers(): number {
		return this.#used.size;
	}

	getNumFreeBuffers(): number {
		let buffers = 0;
		for (const free of this.#free.values()) buffers += free.length;
		return buffers;
	}

	dispose(): void {
		this.trim();
		for (const buffer of this.#used.keys()) buffer.destroy();
		this.#used.clear();
		this.numBytesUsed = 0;
		this.numBytesAllocated = 0;
		this.#liveBytes = 0;
	}

	#handOut(pooled: PooledBuffer, size: number): GPUBuffer {
		pooled.lastUse = this.#submits;
		pooled.asked = size;
		this.#used.set(pooled.buffer, pooled);
		this.numBytesUsed += pooled.size;
		this.#liveBytes += size;
		this.#peakLiveBytes = Math.max(this.#peakLiveBytes, this.#liveBytes);
		return pooled.buffer;
	}

	#takeFree(size: number, usage: number, room: number): PooledBuffer | undefined {
		const free = this.#free.get(usage);
		if (free === undefined) return undefined;
		const at = firstFrom(free, size, 0);
		const found = free[at];
		if (found === undefined || found.size > room * size) return undefined;
		free.splice(at, 1);
		return found;
	}

	#create(size: number, usage: number, mappedAtCreation: boolean): PooledBuffer {
		const buffer = this.#source.createBuffer({ size, usage, mappedAtCreation });
		this.numBytesAllocated += size;
		this.largest = Math.max(this.largest, size);
		this.#peakBytes = Math.max(this.#peakBytes, this.numBytesAllocated);
		this.#next += 1;
		return { buffer, size, usage, number: this.#next, lastUse: 0, asked: size };
	}

	#destroyFree(doomed: (pooled: PooledBuffer) => boolean): void {
		let destroyed = 0;
		for (const [usage, free] of this.#free) {
			const kept: PooledBuffer[] = [];
			for (const pooled of free) {
				if (!doomed(pooled)) {
					kept.push(pooled);
					continue;
				}
				pooled.buffer.destroy();
				this.numBytesAllocated -= pooled.size;
				destroyed += 1;
			}
			this.#free.set(usage, kept);
		}
		if (destroyed > 0) this.#onDestroy();
	}
}

/** Index of the first entry at or after (size, number). */
function firstFrom(free: readonly PooledBuffer[], size: number, number: number): number {
	let low = 0;
	let high = free.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const { size: s, number: n } = at(free, middle);
		if (s < size || (s === size && n < number)) low = middle + 1;
		else high = middle;
	}
	return low;
}
