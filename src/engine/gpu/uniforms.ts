/**
 * Uniform buffers by content: written once, never changed, shared by every dispatch with the same values.
 *
 * Values that change every step (a learning rate) would fill the cache. Programs with such values are marked volatile and
 * overwrite a few buffers in turn. Consecutive dispatches with equal values share one buffer, as micro-batches do.
 */
import type { Counters } from './counters.ts';
import { NumberLists } from './numberLists.ts';
import type { Program } from './wgsl.ts';

const USAGE = 0x40 | 0x08; // GPUBufferUsage.UNIFORM | COPY_DST
/** The cache is cleared at this size; only a run with an unexpected number of shapes reaches it. */
const MOST_BUFFERS = 8_192;
/** Buffers of a volatile program: used in turn, one for each list of values. */
const RING = 4;

interface Ring {
	readonly buffers: GPUBuffer[];
	/** Submit count at each buffer's last use; a buffer may be overwritten only after a later submit. */
	readonly usedAt: number[];
	/** The buffer written last, and what it holds; −1 at first. */
	slot: number;
	values: readonly number[];
}

export class UniformBuffers {
	readonly #device: GPUDevice;
	readonly #counters: Counters;
	readonly #flush: () => void;
	/** Keyed by {@link Program.floats} as well: 1 as f32 is not 1 as u32. */
	readonly #byContent = new NumberLists<GPUBuffer>();
	readonly #rings = new WeakMap<Program, Ring>();

	/**
	 * @param flush submits the recorded commands and drops the bind groups; called before buffers are
	 *   overwritten or destroyed
	 */
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
