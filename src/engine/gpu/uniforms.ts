/**
 * Uniform buffers by content: written once, never changed, shared by every dispatch with the same values.
 *
 * Values that change every step (a learning rate) would fill the cache: programs that have such values are marked volatile and
 * get a few buffers that are written over in turn. Dispatches in a row with the same values share one, as micro-batches do.
 */
import type { Counters } from './counters.ts';
import { NumberLists } from './numberLists.ts';
import type { Program } from './wgsl.ts';

const USAGE = 0x40 | 0x08; // GPUBufferUsage.UNIFORM | COPY_DST
/** All buffers are dropped at this number; a run that reaches it has more shapes than it should. */
const MOST_BUFFERS = 8_192;
/** Buffers of a volatile program: used in turn, one for each list of values. */
const RING = 4;

interface Ring {
	readonly buffers: GPUBuffer[];
	/** Submits counted when each buffer was last used: it may be written again only after another. */
	readonly usedAt: number[];
	/** The buffer written last, and what it holds; −1 at first. */
	slot: number;
	values: readonly number[];
}

export class UniformBuffers {
	readonly #device: GPUDevice;
	readonly #counters: Counters;
	readonly #flush: () => void;
	/** Under {@link Program.floats}: 1 as f32 is not 1 as u32. */
	readonly #byContent = new NumberLists<GPUBuffer>();
	readonly #rings = new WeakMap<Program, Ring>();

	/** @param flush submits what was recorded and forgets bind groups: before buffers are written over or destroyed */
	constructor(device: GPUDevice, counters: Counters, flush: () => void) {
		this.#device = device;
		this.#counters = counters;
		this.#flush = flush;
	}

	/** @param values in the order of the program's uniforms */
	get(program: Program, values: readonly number[]): GPUBuffer {
		return program.volatile ? this.#fromRing(program, values) : this.#fromContent(program, values);
	}

	#fromContent(program: Program, values: readonly number[]): GPUBuffer {
		const known = this.#byContent.get(program.floats, values);
		if (known !== undefined) return known;
		if (this.#byContent.size >= MOST_BUFFERS) {
			this.#flush();
			for (const buffer of this.#byContent.values()) buffer.destroy();
			this.#byContent.clear();
		}
		const buffer = this.#create(program);
		this.#write(buffer, program, values);
		this.#byContent.add(program.floats, values, buffer);
		return buffer;
	}

	#fromRing(program: Program, values: readonly number[]): GPUBuffer {
		const ring = this.#rings.get(program) ?? { buffers: [], usedAt: [], slot: -1, values: [] };
		this.#rings.set(program, ring);
		const isNew = ring.slot < 0 || values.some((value, i) => !Object.is(value, ring.values[i]));
		if (isNew) ring.slot = (ring.slot + 1) % RING;
		const { slot } = ring;
		const buffer = ring.buffers[slot] ?? this.#create(program);
		ring.buffers[slot] = buffer;
		if (isNew) {
			// A write reaches the queue before commands that are recorded but not submitted.
			if (ring.usedAt[slot] === this.#counters.submits) this.#flush();
			this.#write(buffer, program, values);
			ring.values = values.slice();
		}
		ring.usedAt[slot] = this.#counters.submits;
		return buffer;
	}

	#create({ uniforms, label }: Program): GPUBuffer {
		this.#counters.uniformBuffers += 1;
		return this.#device.createBuffer({
			label,
			size: Math.max(16, Math.ceil(uniforms.length / 4) * 16),
			usage: USAGE,
		});
	}

	#write(buffer: GPUBuffer, { uniforms }: Program, values: readonly number[]): void {
		const data = new DataView(new ArrayBuffer(buffer.size));
		uniforms.forEach(([, type], i) => {
			const value = values[i] ?? 0;
			if (type === 'f32') data.setFloat32(4 * i, value, true);
			else data.setUint32(4 * i, value, true);
		});
		this.#device.queue.writeBuffer(buffer, 0, data.buffer);
	}
}
