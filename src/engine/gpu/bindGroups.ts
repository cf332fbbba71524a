/**
 * Bind groups by pipeline and buffers. The pool hands out the same buffers every step, so the steady state
 * creates none.
 */
import type { Counters } from './counters.ts';
import { NumberLists } from './numberLists.ts';
import type { Pipelines } from './pipelines.ts';
import type { Program } from './wgsl.ts';

/** The cache is cleared at this size; only a run with an unexpected number of shapes reaches it. */
const MOST_BIND_GROUPS = 16_384;

export class BindGroups {
	readonly #device: GPUDevice;
	readonly #pipelines: Pipelines;
	readonly #counters: Counters;
	readonly #groups = new NumberLists<GPUBindGroup>();
	readonly #numbers = new WeakMap<GPUBuffer, number>();
	readonly #key: number[] = [];
	#next = 0;

	constructor(device: GPUDevice, pipelines: Pipelines, counters: Counters) {
		this.#device = device;
		this.#pipelines = pipelines;
		this.#counters = counters;
	}

	/** @param buffers in the order of the program's bindings, then its uniforms */
	get(program: Program, pipeline: number, buffers: readonly GPUBuffer[]): GPUBindGroup {
		const key = this.#key;
		key.length = 0;
		for (const buffer of buffers) key.push(this.#numberOf(buffer));
		const known = this.#groups.get(pipeline, key);
		if (known !== undefined) return known;
		if (this.#groups.size >= MOST_BIND_GROUPS) this.clear();
		const group = this.#device.createBindGroup({
			label: program.label,
			layout: this.#pipelines.layoutOf(program),
			entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
		});
		this.#groups.add(pipeline, key, group);
		this.#counters.bindGroups += 1;
		return group;
	}

	/** Call after buffers were destroyed. */
	clear(): void {
		this.#groups.clear();
	}

	#numberOf(buffer: GPUBuffer): number {
		let number = this.#numbers.get(buffer);
		if (number === undefined) {
			number = this.#next += 1;
			this.#numbers.set(buffer, number);
		}
		return number;
	}
}
