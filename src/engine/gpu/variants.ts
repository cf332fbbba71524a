/**
 * Which program computes a large product on this device.
 *
 * Every variant computes the same numbers but for the order of the additions, so choosing is a question of time only. What a device
 * likes depends on the product, its widths and whether the rows are many or few: that is a class of shapes, and the table holds one
 * choice a class. measure.ts fills it.
 */
import {
	EXACT_VARIANTS,
	fastest,
	shapeKey,
	type ExactVariant,
	type KernelTimes,
	type KernelVariant,
	type Matmul,
	type MatmulShape,
} from '#core/device/kernels.ts';
import { needsOf, sharedTile, type Edge } from '../kernels/linear/sharedTile.ts';

/** Up to this many rows are few: a batch of answers that grow by one token each. */
export const FEW_ROWS = 32;
/** Below, register tiles have lower tiles of their own, and a workgroup's tile would be nearly empty. */
const LEAST_ROWS = 5;

/** The workgroup's tile. */
export interface TileChoice {
	readonly edge: Edge;
	/** Operands and sums of four in f16. */
	readonly half: boolean;
}

const TILES: Readonly<Record<KernelVariant, TileChoice | null>> = {
	registers: null,
	shared32: { edge: 32, half: false },
	shared64: { edge: 64, half: false },
	shared128: { edge: 128, half: false },
	half32: { edge: 32, half: true },
	half64: { edge: 64, half: true },
	half128: { edge: 128, half: true },
};
const HALF_OF: Readonly<Partial<Record<ExactVariant, KernelVariant>>> = {
	shared32: 'half32',
	shared64: 'half64',
	shared128: 'half128',
};
const EXACT_OF: Readonly<Partial<Record<KernelVariant, ExactVariant>>> = {
	half32: 'shared32',
	half64: 'shared64',
	half128: 'shared128',
};

/** Variants that a device's limits allow: threads a workgroup and bytes of workgroup memory; see sharedTile.ts. */
export function allowedVariants(limits: GPUSupportedLimits): ExactVariant[] {
	const { maxComputeInvocationsPerWorkgroup: threads, maxComputeWorkgroupStorageSize: bytes } = limits;
	return EXACT_VARIANTS.filter((variant) => {
		const tile = TILES[variant];
		if (tile === null) return true;
		const needs = needsOf(sharedTile(tile.edge));
		return needs.threads <= threads && needs.bytes <= bytes;
	});
}

/** What GPUs like that were not asked. */
const USUAL: ExactVariant = 'shared32';

/** The choices of one device; programs ask it at every dispatch. */
export class VariantTable {
	readonly allowed: readonly ExactVariant[];
	/** What runs where nothing was measured. */
	readonly usual: ExactVariant;
	/** Takes the place of every choice; null lets the choices stand. */
	forced: KernelVariant | null = null;
	/** Tiles in f16 are among the candidates; see sharedTile.ts. */
	halves = false;
	#choices = new Map<string, KernelVariant>();

	/** @param lanes four threads share reads: register tiles then beat the rest by far */
	constructor(allowed: readonly ExactVariant[], lanes: boolean) {
		this.allowed = allowed;
		this.usual = lanes || !allowed.includes(USUAL) ? 'registers' : USUAL;
	}

	/** What may run for a product here, to be measured. */
	candidates(product: Matmul): readonly KernelVariant[] {
		if (!this.halves || product !== 'linear') return this.allowed;
		return [...this.allowed, ...this.allowed.flatMap((variant) => HALF_OF[variant] ?? [])];
	}

	/** Makes one variant run for every shape, in f16 where that is set and the variant has it; null lets the choices stand. */
	force(variant: ExactVariant | null): void {
		this.forced = variant !== null && this.halves ? (HALF_OF[variant] ?? variant) : variant;
	}

	/** What runs for a class of shapes. Only projections' forward products are ever in f16. */
	variantOf(shape: MatmulShape): KernelVariant {
		const { forced } = this;
		if (forced === null) return this.#choices.get(shapeKey(shape)) ?? this.usual;
		return shape.product === 'linear' ? forced : (EXACT_OF[forced] ?? forced);
	}

	/** The workgroup's tile; null for register tiles. */
	tileOf(product: Matmul, rows: number, outputs: number, inputs: number): TileChoice | null {
		if (rows < LEAST_ROWS) return null;
		return TILES[this.variantOf({ product, rows: rows <= FEW_ROWS ? 'few' : 'many', outputs, inputs })];
	}

	/** Its edge alone. */
	edgeOf(product: Matmul, rows: number, outputs: number, inputs: number): Edge | null {
		return this.tileOf(product, rows, outputs, inputs)?.edge ?? null;
	}

	/** Takes the fastest variant of each class. */
	useTimes(times: KernelTimes): void {
		this.#choices = new Map(Object.entries(times).map(([key, of]) => [key, fastest(of)]));
	}
}
