/**
 * Which program computes a large product on this device.
 *
 * Every variant computes the same numbers but for the order of the additions, so choosing is a question of time only. What a device
 * likes depends on the product, its widths and whether the rows are many or few: that is a class of shapes, and the table holds one
 * choice a class. measure.ts fills it.
 */
import {
	fastest,
	KERNEL_VARIANTS,
	shapeKey,
	type KernelTimes,
	type KernelVariant,
	type Product,
} from '#core/run/kernels.ts';
import { needsOf, sharedTile, type Edge } from '../kernels/linear/sharedTile.ts';

/** Up to this many rows are few: a batch of answers that grow by one token each. */
export const FEW_ROWS = 32;
/** Below, register tiles have lower tiles of their own, and a workgroup's tile would be nearly empty. */
const LEAST_ROWS = 5;

const EDGES: Readonly<Record<KernelVariant, Edge | null>> = {
	registers: null,
	shared32: 32,
	shared64: 64,
	shared128: 128,
};

/** Variants that a device's limits allow: threads a workgroup and bytes of workgroup memory; see sharedTile.ts. */
export function allowedVariants(limits: GPUSupportedLimits): KernelVariant[] {
	const { maxComputeInvocationsPerWorkgroup: threads, maxComputeWorkgroupStorageSize: bytes } = limits;
	return KERNEL_VARIANTS.filter((variant) => {
		const edge = EDGES[variant];
		if (edge === null) return true;
		const needs = needsOf(sharedTile(edge));
		return needs.threads <= threads && needs.bytes <= bytes;
	});
}

/** What GPUs like that were not asked. */
const USUAL: KernelVariant = 'shared32';

/** The choices of one device; programs ask it at every dispatch. */
export class VariantTable {
	readonly allowed: readonly KernelVariant[];
	/** What runs where nothing was measured. */
	readonly usual: KernelVariant;
	/** Takes the place of every choice; null lets the choices stand. */
	forced: KernelVariant | null = null;
	/** Forward products over workgroup tiles in f16; see sharedTile.ts. */
	halves = false;
	#choices = new Map<string, KernelVariant>();

	/** @param lanes four threads share reads: register tiles then beat the rest by far */
	constructor(allowed: readonly KernelVariant[], lanes: boolean) {
		this.allowed = allowed;
		this.usual = lanes || !allowed.includes(USUAL) ? 'registers' : USUAL;
	}

	/** The edge of the workgroup's tile; null for register tiles. */
	edgeOf(product: Product, rows: number, outputs: number, inputs: number): Edge | null {
		if (rows < LEAST_ROWS) return null;
		if (this.forced !== null) return EDGES[this.forced];
		const key = shapeKey({ product, rows: rows <= FEW_ROWS ? 'few' : 'many', outputs, inputs });
		return EDGES[this.#choices.get(key) ?? this.usual];
	}

	/** Takes the fastest variant of each class. */
	useTimes(times: KernelTimes): void {
		this.#choices = new Map(Object.entries(times).map(([key, of]) => [key, fastest(of)]));
	}
}
