/** The choices of one device from the first model on: measured once, kept by whoever is given as the store, open to a person's setting. */
import {
	shapeKey,
	type KernelReport,
	type KernelSettings,
	type KernelTimes,
	type WeightStorage,
} from '#core/device/kernels.ts';
import type { KernelStore } from '#core/ports.ts';
import type { DeviceReport } from '#core/device/report.ts';
import type { Device } from '../device.ts';
import { recorder, type Recorder } from '../gpu/record.ts';
import { measureMatmuls, shapeOf, type TunedMatmul } from './measure.ts';

/** Raise it when a program changes: times of the old one say nothing of the new. */
const KERNELS_VERSION = 3;
/** The measurement's, compiling left out. A pass takes a few milliseconds, and in Node as many again to hear that it is done. */
const BUDGET_MS = 2000;

/** Under what name a device's times are kept. */
export function deviceKey(
	{ vendor, architecture, description }: DeviceReport,
	{ weights, arithmetic }: Pick<KernelSettings, 'weights' | 'arithmetic'>,
): string {
	const numbers = arithmetic === 'f32' ? weights : `${weights}, products in ${arithmetic}`;
	return [`kernels ${KERNELS_VERSION}`, numbers, vendor, architecture, description].join(' | ');
}

const DEFAULT: KernelSettings = { programs: 'auto', weights: 'f32', arithmetic: 'f32' };

export class Tuner {
	readonly #store: KernelStore;
	#gpu: Recorder | null = null;
	#settings: KernelSettings = DEFAULT;
	#times: KernelTimes = {};
	#shapes: readonly ReturnType<typeof shapeOf>[] = [];

	constructor(store: KernelStore) {
		this.#store = store;
	}

	/** Begins with a device just opened: applies the setting that a person chose before. */
	async begin({ gpu }: Pick<Device, 'gpu'>): Promise<void> {
		this.#gpu = gpu === null ? null : recorder();
		this.#times = {};
		this.#shapes = [];
		this.#apply((await this.#store.settings()) ?? DEFAULT);
	}

	/** Chooses for a model's products: by the times kept for this device, and by measuring what they lack. */
	async tune(device: DeviceReport, products: readonly TunedMatmul[]): Promise<void> {
		const gpu = this.#gpu;
		this.#shapes = products.map(shapeOf);
		// Shared reads among four threads are SwiftShader's, where they beat the rest by far: docs/kernels.md.
		if (gpu === null || gpu.lanes4) return;
		const key = deviceKey(device, this.#settings);
		const kept = (await this.#store.times(key)) ?? {};
		const missing = products.filter((product) => kept[shapeKey(shapeOf(product))] === undefined);
		const fresh = missing.length === 0 ? {} : await measureMatmuls(missing, BUDGET_MS);
		this.#times = { ...kept, ...fresh };
		gpu.variants.useTimes(this.#times);
		if (missing.length > 0) await this.#store.keepTimes(key, this.#times);
	}

	/** How the next model's weights are to be kept. */
	get weights(): WeightStorage {
		return this.#settings.weights;
	}

	/** True where a model that is loaded must be loaded and measured anew to follow these settings. */
	needsReload({ weights, arithmetic }: KernelSettings): boolean {
		return weights !== this.#settings.weights || arithmetic !== this.#settings.arithmetic;
	}

	/** A person's choice, kept for later visits where the store can. */
	async set(settings: KernelSettings): Promise<void> {
		this.#apply(settings);
		await this.#store.keepSettings(this.#settings);
	}

	/** Null where no GPU computes. */
	report(): KernelReport | null {
		const gpu = this.#gpu;
		if (gpu === null) return null;
		const { variants } = gpu;
		const choices = this.#shapes.map((shape) => {
			const times = this.#times[shapeKey(shape)] ?? {};
			const variant = variants.variantOf(shape);
			const [plain, own] = [times.registers, times[variant]];
			return { ...shape, variant, faster: plain === undefined || own === undefined ? null : plain / own };
		});
		const source = this.#shapes.length === 0 ? 'pending' : gpu.lanes4 ? 'known' : 'measured';
		return { settings: this.#settings, allowed: variants.allowed, halves: gpu.halves, source, choices };
	}

	/** A setting that this device cannot run is as good as none. */
	#apply({ programs, weights, arithmetic }: KernelSettings): void {
		const variants = this.#gpu?.variants;
		const halves = arithmetic === 'f16' && this.#gpu?.halves === true;
		const forced = programs !== 'auto' && variants?.allowed.includes(programs) === true ? programs : null;
		this.#settings = { programs: forced ?? 'auto', weights, arithmetic: halves ? 'f16' : 'f32' };
		if (variants === undefined) return;
		variants.halves = halves;
		variants.force(forced);
	}
}
