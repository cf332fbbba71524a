/** Matrix-product programs of a GPU: the variants, their measured times, and the user's settings. */

/**
 * registers: tiles in registers, without barriers. shared32, shared64, shared128: tiles of 32, 64 or 128 rows
 * and columns in workgroup memory. All variants compute the same sums, except for the order of the additions.
 */
export const EXACT_VARIANTS = ['registers', 'shared32', 'shared64', 'shared128'] as const;
export type ExactVariant = (typeof EXACT_VARIANTS)[number];
/** half32, half64, half128: workgroup tiles with operands and sums of 4 in f16, for forward projections. */
export const KERNEL_VARIANTS = [...EXACT_VARIANTS, 'half32', 'half64', 'half128'] as const;
export type KernelVariant = (typeof KERNEL_VARIANTS)[number];

/** auto: the fastest variant per shape, as measured on this device; otherwise one variant for every shape. */
export type KernelSetting = 'auto' | ExactVariant;

/** Number format of the frozen weights on the GPU. f16 halves their memory but may round them. */
export type WeightStorage = 'f32' | 'f16';

/**
 * Number format of the projections' forward pass; gradients stay f32. If the device has f16, `f16` adds the
 * half variants to the measured ones.
 */
export type Arithmetic = 'f32' | 'f16';

/** Settings that the user can change. */
export interface KernelSettings {
	programs: KernelSetting;
	weights: WeightStorage;
	arithmetic: Arithmetic;
}

/**
 * linear: y = x·Wᵀ. linearDx: dx = dy·W. head: log-probabilities through the head. dlogits: their gradient
 * with respect to the logits. headGrad: their gradient with respect to the head's input.
 */
export type Matmul = 'linear' | 'linearDx' | 'head' | 'dlogits' | 'headGrad';

/** A class of matrix products with the same speed per program. */
export interface MatmulShape {
	product: Matmul;
	/** few: one token per sequence (generation). many: whole sequences (training, prompts). */
	rows: 'few' | 'many';
	outputs: number;
	inputs: number;
}

/** Best of a few timings of each variant in milliseconds, by shapeKey(); stored per device. */
export type KernelTimes = Readonly<Record<string, Readonly<Partial<Record<KernelVariant, number>>>>>;

export interface KernelChoice extends MatmulShape {
	variant: KernelVariant;
	/** Measured speed-up over register tiles; null if not measured. */
	faster: number | null;
}

export interface KernelReport {
	settings: KernelSettings;
	/** Variants that this device can run. */
	allowed: readonly ExactVariant[];
	/** True if half variants are in use. */
	halves: boolean;
	/**
	 * measured: on this device, now or in an earlier visit. known: the device shares reads among four threads,
	 * and no other program is faster there. pending: no model is loaded yet.
	 */
	source: 'measured' | 'known' | 'pending';
	choices: readonly KernelChoice[];
}

export function shapeKey({ product, rows, outputs, inputs }: MatmulShape): string {
	return `${product} ${rows} ${outputs}x${inputs}`;
}

/** Returns the variant with the smallest time; `usual` if there are no times. */
export function fastest(
	times: Readonly<Partial<Record<KernelVariant, number>>>,
	usual: KernelVariant = 'registers',
): KernelVariant {
	let best = usual;
	for (const variant of KERNEL_VARIANTS) {
		if ((times[variant] ?? Infinity) < (times[best] ?? Infinity)) best = variant;
	}
	return best;
}
