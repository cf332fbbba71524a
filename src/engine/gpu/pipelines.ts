/** Caches compute pipelines by program text, and bind group layouts by binding types. */
import { DeviceError } from '#core/errors.ts';
import type { Counters } from './counters.ts';
import type { Program } from './wgsl.ts';

export class Pipelines {
	readonly #device: GPUDevice;
	readonly #counters: Counters;
	readonly #byText = new Map<string, GPUComputePipeline>();
	/** Compilations in progress. */
	readonly #pending = new Map<string, Promise<void>>();
	readonly #byProgram = new WeakMap<Program, { pipeline: GPUComputePipeline; number: number }>();
	readonly #layouts = new Map<string, GPUBindGroupLayout>();
	#next = 0;

	constructor(device: GPUDevice, counters: Counters) {
		this.#device = device;
		this.#counters = counters;
	}

	layoutOf(program: Program): GPUBindGroupLayout {
		const types: GPUBufferBindingType[] = program.bindings.map(([, access]) =>
			access === 'read' ? 'read-only-storage' : 'storage',
		);
		types.push('uniform');
		const key = types.join();
		let layout = this.#layouts.get(key);
		if (layout === undefined) {
			layout = this.#device.createBindGroupLayout({
				entries: types.map((type, binding) => ({ binding, visibility: 4, buffer: { type } })),
			});
			this.#layouts.set(key, layout);
		}
		return layout;
	}

	#descriptor(program: Program): GPUComputePipelineDescriptor {
		const device = this.#device;
		return {
			label: program.label,
			layout: device.createPipelineLayout({ bindGroupLayouts: [this.layoutOf(program)] }),
			compute: {
				module: device.createShaderModule({ label: program.label, code: program.code }),
				entryPoint: 'main',
			},
		};
	}

	get(program: Program): { pipeline: GPUComputePipeline; number: number } {
		const known = this.#byProgram.get(program);
		if (known !== undefined) return known;
		let pipeline = this.#byText.get(program.code);
		if (pipeline === undefined) {
			pipeline = this.#device.createComputePipeline(this.#descriptor(program));
			this.#byText.set(program.code, pipeline);
			this.#counters.pipelines += 1;
		}
		const entry = { pipeline, number: (this.#next += 1) };
		this.#byProgram.set(program, entry);
		return entry;
	}

	/** Compiles the program in the background. @returns null if it is compiled already */
	compile(program: Program): Promise<void> | null {
		if (this.#byText.has(program.code)) return null;
		let pending = this.#pending.get(program.code);
		if (pending === undefined) {
			pending = this.#compile(program).finally(() => this.#pending.delete(program.code));
			this.#pending.set(program.code, pending);
		}
		return pending;
	}

	async #compile(program: Program): Promise<void> {
		try {
			const pipeline = await this.#device.createComputePipelineAsync(this.#descriptor(program));
			this.#byText.set(program.code, pipeline);
			this.#counters.pipelines += 1;
		} catch (cause) {
			throw new DeviceError(`The shader "${program.label}" did not compile on this GPU.`, {
				code: 'shader-compilation',
				hint: 'Update the browser and the graphics driver. With hardware acceleration switched off in the browser’s settings, the page runs on the processor.',
				cause,
			});
		}
	}
}
