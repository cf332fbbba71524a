/** Matrix-product programs of a GPU: the variants, their measured times, and the user's settings. */
import * as v from 'valibot';
import { count, listOf } from '../format/schema.ts';

/**
 * registers: tiles in registers, without barriers. shared32, shared64, shared128: tiles of 32, 64 or 128 rows
 * and columns in workgroup memory. All variants compute the same sums, except for the order of the additions.
 */
export const EXACT_VARIANTS = ['registers', 'shared32', 'shared64', 'shared128'] as const;
export type ExactVariant = (typeof EXACT_VARIANTS)[number];
/** half32, half64, half128: workgroup tiles with operands and sums of 4 in f16, for forward projections. */
export const KERNEL_VARIANTS = [...EXACT_VARIANTS, 'half32', 'half64', 'half128'] as const;
export type KernelVariant = (typeof KERNEL_VARIANTS)[number];

const kernelSetting = v.picklist(['auto', ...EXACT_VARIANTS]);
/** auto: the fastest variant per shape, as measured on this device; otherwise one variant for every shape. */
export type KernelSetting = v.InferOutput<typeof kernelSetting>;

const weightStorage = v.picklist(['f32', 'f16', 'stored']);
/**
 * Number format of the frozen matrices on the GPU. stored: the format of the files, exact. f32: exact too, and
 * larger if the files are smaller. f16: half of f32, but may round. Matrices of 4-bit and 8-bit files keep their
 * format in any case.
 */
export type WeightStorage = v.InferOutput<typeof weightStorage>;

const arithmetic = v.picklist(['f32', 'f16']);
/**
 * Number format of the projections' forward pass; gradients stay f32. If the device has f16, `f16` adds the
 * half variants to the measured ones.
 */
export type Arithmetic = v.InferOutput<typeof arithmetic>;

/** Settings that the user can change. */
export const kernelSettingsSchema = v.object({
	programs: kernelSetting,
	weights: weightStorage,
	arithmetic,
});
export type KernelSettings = v.InferOutput<typeof kernelSettingsSchema>;

const matmul = v.picklist(['linear', 'linearDx', 'head', 'dlogits', 'headGrad']);
/**
 * linear: y = x·Wᵀ. linearDx: dx = dy·W. head: log-probabilities through the head. dlogits: their gradient
 * with respect to the logits. headGrad: their gradient with respect to the head's input.
 */
export type Matmul = v.InferOutput<typeof matmul>;

/** A class of matrix products with the same speed per program. */
const matmulShape = v.object({
	product: matmul,
	/** few: one token per sequence (generation). many: whole sequences (training, prompts). */
	rows: v.picklist(['few', 'many']),
	outputs: count,
	inputs: count,
});
export type MatmulShape = v.InferOutput<typeof matmulShape>;

/** Best of a few timings of each variant in milliseconds, by shapeKey(); stored per device. */
export type KernelTimes = Readonly<Record<string, Readonly<Partial<Record<KernelVariant, number>>>>>;

const kernelChoice = v.object({
	...matmulShape.entries,
	variant: v.picklist(KERNEL_VARIANTS),
	/** Measured speed-up over register tiles; null if not measured. */
	faster: v.nullable(v.number()),
});

export const kernelReportSchema = v.object({
	settings: kernelSettingsSchema,
	/** Variants that this device can run. */
	allowed: listOf(v.picklist(EXACT_VARIANTS)),
	/** True if half variants are in use. */
	halves: v.boolean(),
	/**
	 * measured: on this device, now or in an earlier visit. known: the device shares reads among four threads,
	 * and no other program is faster there. pending: no model is loaded yet.
	 */
	source: v.picklist(['measured', 'known', 'pending']),
	choices: listOf(kernelChoice),
});
export type KernelReport = v.InferOutput<typeof kernelReportSchema>;

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
