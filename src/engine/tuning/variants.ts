/**
 * Which program computes a large product on this device.
 *
 * Every variant computes the same numbers but for the order of the additions, so choosing is a question of time only. What a device
 * likes depends on the product, its widths and whether the rows are many (training, prefill) or few (one token a sequence): that is a
 * shape class, and the table holds one choice a class.
 */
import type { Edge } from '../kernels/linear/sharedTile.ts';

/** registers: kernels/linear/tile.ts; shared<edge>: kernels/linear/sharedTile.ts. */
export const VARIANTS = ['registers', 'shared32', 'shared64', 'shared128'] as const;
export type Variant = (typeof VARIANTS)[number];

/** linear: y = x·Wᵀ. linearDx: dx = dy·W. logits: x·headᵀ inside the loss. dlogits: the same, stored. dlogitsHead: dlogits·head. */
export type Product = 'linear' | 'linearDx' | 'logits' | 'dlogits' | 'dlogitsHead';

/** Rows × outputs from inputs: [rows, inputs] · [inputs, outputs]. */
export interface ProductShape {
	readonly product: Product;
	readonly rows: number;
	readonly outputs: number;
	readonly inputs: number;
}

/** Up to this many rows a result is lower than half a workgroup's tile. */
const FEW_ROWS = 16;
/** With fewer the register tiles have lower tiles of their own, and a workgroup's tile would be nearly empty. */
const LEAST_ROWS = 5;

/** Names a shape class; stored with the choice. */
export function shapeClass({ product, rows, outputs, inputs }: ProductShape): string {
	return `${product} ${rows <= FEW_ROWS ? 'few' : 'many'} ${outputs}x${inputs}`;
}

const EDGES: Readonly<Record<Variant, Edge | null>> = {
	registers: null,
	shared32: 32,
	shared64: 64,
	shared128: 128,
};

/** Variants that a device's limits allow: threads a workgroup and bytes of workgroup memory; see sharedTile.ts. */
export function allowedVariants(limits: GPUSupportedLimits): Variant[] {
	const { maxComputeInvocationsPerWorkgroup: threads, maxComputeWorkgroupStorageSize: bytes } = limits;
	return VARIANTS.filter((variant) => {
		const edge = EDGES[variant];
		return edge === null || (2 * edge <= threads && 128 * edge <= bytes);
	});
}

/** The choices of one device; programs ask it at every dispatch. */
export class VariantTable {
	readonly allowed: readonly Variant[];
	/** Takes the place of every choice; null lets the choices stand. */
	forced: Variant | null = null;
	readonly #choices = new Map<string, Variant>();

	constructor(allowed: readonly Variant[]) {
		this.allowed = allowed;
	}

	/** Register tiles where nothing was chosen. */
	of(shape: ProductShape): Variant {
		if (shape.rows < LEAST_ROWS) return 'registers';
		return this.forced ?? this.#choices.get(shapeClass(shape)) ?? 'registers';
	}

	/** The edge of the workgroup's tile, or null for register tiles. */
	edgeOf(product: Product, rows: number, outputs: number, inputs: number): Edge | null {
		return EDGES[this.of({ product, rows, outputs, inputs })];
	}

	choose(shapeClassName: string, variant: Variant): void {
		this.#choices.set(shapeClassName, variant);
	}
}
