/**
 * Kernel choices of one device: measured once with the first model, kept in the given store, overridable by
 * the user's setting.
 */
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

/** Increment it when a program changes: the stored times are then out of date. */
const KERNELS_VERSION = 3;
/**
 * Budget of the measurement without compiling. A pass takes a few milliseconds; in Node, waiting for its end
 * takes as long again.
 */
const BUDGET_MS = 2000;

/**
 * Key under which a device's times are stored.
 *
 * @param weights formats of the measured weights
 */
export function deviceKey(
	{ vendor, architecture, description }: DeviceReport,
	{ weights, arithmetic }: Pick<KernelSettings, 'arithmetic'> & { weights: string },
): string {
	const numbers = arithmetic === 'f32' ? weights : `${weights}, products in ${arithmetic}`;
	return [`kernels ${KERNELS_VERSION}`, numbers, vendor, architecture, description].join(' | ');
}

/**
 * `stored` computes the same numbers as f32 in less memory. If four threads share reads (SwiftShader), f16 takes
 * more time to read than f32.
 */
function defaultSettings(gpu: Recorder | null): KernelSettings {
	return { programs: 'auto', weights: gpu?.lanes4 === false ? 'stored' : 'f32', arithmetic: 'f32' };
}

export class Tuner {
	readonly #store: KernelStore;
	#gpu: Recorder | null = null;
	#settings = defaultSettings(null);
	#times: KernelTimes = {};
	#shapes: readonly ReturnType<typeof shapeOf>[] = [];

	constructor(store: KernelStore) {
		this.#store = store;
	}

	/** Starts with a newly opened device: applies the user's stored setting. */
	async begin({ gpu }: Pick<Device, 'gpu'>): Promise<void> {
		this.#gpu = gpu === null ? null : recorder();
		this.#times = {};
		this.#shapes = [];
		this.#apply((await this.#store.settings()) ?? defaultSettings(this.#gpu));
	}

	/**
	 * Chooses programs for a model's products from the stored times of this device; measures the products
	 * without a stored time.
	 */
	async tune(device: DeviceReport, products: readonly TunedMatmul[]): Promise<void> {
		const gpu = this.#gpu;
		this.#shapes = products.map(shapeOf);
		// Only SwiftShader has shared reads among four threads; they are by far the fastest there:
		// docs/kernels.md.
		if (gpu === null || gpu.lanes4) return;
		const formats = [...new Set(products.map(({ weight }) => weight.kind))].sort();
		const key = deviceKey(device, { ...this.#settings, weights: formats.join(' and ') });
		const kept = (await this.#store.times(key)) ?? {};
		const missing = products.filter((product) => kept[shapeKey(shapeOf(product))] === undefined);
		const fresh = missing.length === 0 ? {} : await measureMatmuls(missing, BUDGET_MS);
		this.#times = { ...kept, ...fresh };
		gpu.variants.useTimes(this.#times);
		if (missing.length > 0) await this.#store.keepTimes(key, this.#times);
	}

	/** Storage format for the next model's weights. */
	get weights(): WeightStorage {
		return this.#settings.weights;
	}

	/** True if the loaded model must be reloaded and measured again to follow these settings. */
	needsReload({ weights, arithmetic }: KernelSettings): boolean {
		return weights !== this.#settings.weights || arithmetic !== this.#settings.arithmetic;
	}

	/** Applies the user's choice and stores it for later visits if the store can. */
	async set(settings: KernelSettings): Promise<void> {
		this.#apply(settings);
		await this.#store.keepSettings(this.#settings);
	}

	/** Null without a GPU. */
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

	/** Applies a setting; values that this device cannot run fall back to the default. */
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
