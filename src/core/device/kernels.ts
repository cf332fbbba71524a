/** Which programs compute on a GPU: the device's own choices, measured on it, and what a person may set instead. */

/**
 * registers: tiles in registers, without barriers. shared32, shared64, shared128: tiles of that many rows and columns in workgroup
 * memory. All compute the same numbers but for the order of the additions.
 */
export const EXACT_VARIANTS = ['registers', 'shared32', 'shared64', 'shared128'] as const;
export type ExactVariant = (typeof EXACT_VARIANTS)[number];
/** half32, half64, half128: the workgroup tiles with operands and sums of four in f16, for projections' forward products. */
export const KERNEL_VARIANTS = [...EXACT_VARIANTS, 'half32', 'half64', 'half128'] as const;
export type KernelVariant = (typeof KERNEL_VARIANTS)[number];

/** auto: the fastest one for each shape, as measured on this device; else that one for every shape. */
export type KernelSetting = 'auto' | ExactVariant;

/** How the frozen weights are kept on the GPU: f16 takes half the memory, and rounds a weight that is not f16 in its file. */
export type WeightStorage = 'f32' | 'f16';

/**
 * What projections may compute with in the forward pass. f16 adds the half variants to those that are measured; it is for devices
 * that have it, and gradients stay f32.
 */
export type Arithmetic = 'f32' | 'f16';

/** What a person may set. */
export interface KernelSettings {
	programs: KernelSetting;
	weights: WeightStorage;
	arithmetic: Arithmetic;
}

/**
 * linear: y = x·Wᵀ. linearDx: dx = dy·W. head: log-probabilities through the head. dlogits: their gradient with respect to the logits.
 * headGrad: the same with respect to what the head reads.
 */
export type Matmul = 'linear' | 'linearDx' | 'head' | 'dlogits' | 'headGrad';

/** What a product computes, as far as a program's speed depends on it: a class of shapes. */
export interface MatmulShape {
	product: Matmul;
	/** few: one token of each sequence (generation). many: whole sequences (training, prompts). */
	rows: 'few' | 'many';
	outputs: number;
	inputs: number;
}

/** Milliseconds of each variant, the smallest of a few; by shapeKey(). What a device keeps of its measurement. */
export type KernelTimes = Readonly<Record<string, Readonly<Partial<Record<KernelVariant, number>>>>>;

export interface KernelChoice extends MatmulShape {
	variant: KernelVariant;
	/** How many times faster than register tiles, measured; null where it was not measured. */
	faster: number | null;
}

export interface KernelReport {
	settings: KernelSettings;
	/** What this device can run. */
	allowed: readonly ExactVariant[];
	/** True where it computes in f16 too. */
	halves: boolean;
	/**
	 * measured: on this device, now or at an earlier visit. known: the device shares reads among four threads, which no other program
	 * beats there. pending: nothing is loaded yet.
	 */
	source: 'measured' | 'known' | 'pending';
	choices: readonly KernelChoice[];
}

export function shapeKey({ product, rows, outputs, inputs }: MatmulShape): string {
	return `${product} ${rows} ${outputs}x${inputs}`;
}

/** The fastest variant by its times; `usual` where nothing was measured. */
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
