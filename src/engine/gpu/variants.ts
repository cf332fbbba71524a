/**
 * Chooses the program that computes a large product on this device.
 *
 * Every variant computes the same numbers except for the order of the additions, so the choice affects only
 * the time. The fastest variant depends on the product, its widths and whether the rows are many or few.
 * These form a class of shapes; the table holds one choice per class, and measure.ts fills it.
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

/** Row counts up to this one are "few": a batch of answers that grow by one token each. */
export const FEW_ROWS = 32;
/** Below this, register tiles use shorter tiles, and a workgroup's tile would be nearly empty. */
const LEAST_ROWS = 5;

/** Tile of a workgroup. */
export interface TileChoice {
	readonly edge: Edge;
	/** Operands and sums of four are f16. */
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

/**
 * Variants that fit the device's limits: threads per workgroup and bytes of workgroup memory; see
 * sharedTile.ts.
 */
export function allowedVariants(limits: GPUSupportedLimits): ExactVariant[] {
	const { maxComputeInvocationsPerWorkgroup: threads, maxComputeWorkgroupStorageSize: bytes } = limits;
	return EXACT_VARIANTS.filter((variant) => {
		const tile = TILES[variant];
		if (tile === null) return true;
		const needs = needsOf(sharedTile(tile.edge));
		return needs.threads <= threads && needs.bytes <= bytes;
	});
}

/** Default for GPUs that have not been measured. */
const USUAL: ExactVariant = 'shared32';

/** Choices of one device; programs query them at every dispatch. */
export class VariantTable {
	readonly allowed: readonly ExactVariant[];
	/** Variant for classes that were not measured. */
	readonly usual: ExactVariant;
	/** Overrides every choice; null restores the choices. */
	forced: KernelVariant | null = null;
	/** Adds the f16 tiles to the candidates; see sharedTile.ts. */
	halves = false;
	#choices = new Map<string, KernelVariant>();

	/** @param lanes if four threads share reads, register tiles are by far the fastest */
	constructor(allowed: readonly ExactVariant[], lanes: boolean) {
		this.allowed = allowed;
		this.usual = lanes || !allowed.includes(USUAL) ? 'registers' : USUAL;
	}

	/** Variants to measure for a product. */
	candidates(product: Matmul): readonly KernelVariant[] {
		if (!this.halves || product !== 'linear') return this.allowed;
		return [...this.allowed, ...this.allowed.flatMap((variant) => HALF_OF[variant] ?? [])];
	}

	/**
	 * Makes one variant run for every shape, in f16 if `halves` is set and the variant has an f16 form; null
	 * restores the choices.
	 */
	force(variant: ExactVariant | null): void {
		this.forced = variant !== null && this.halves ? (HALF_OF[variant] ?? variant) : variant;
	}

	/** Variant of a class of shapes. Only the forward products of projections ever use f16. */
	variantOf(shape: MatmulShape): KernelVariant {
		const { forced } = this;
		if (forced === null) return this.#choices.get(shapeKey(shape)) ?? this.usual;
		return shape.product === 'linear' ? forced : (EXACT_OF[forced] ?? forced);
	}

	/** Tile of the workgroup; null for register tiles. */
	tileOf(product: Matmul, rows: number, outputs: number, inputs: number): TileChoice | null {
		if (rows < LEAST_ROWS) return null;
		return TILES[this.variantOf({ product, rows: rows <= FEW_ROWS ? 'few' : 'many', outputs, inputs })];
	}

	/** Edge of {@link tileOf}; null for register tiles. */
	edgeOf(product: Matmul, rows: number, outputs: number, inputs: number): Edge | null {
		return this.tileOf(product, rows, outputs, inputs)?.edge ?? null;
	}

	/** Chooses the fastest variant of each class. */
	useTimes(times: KernelTimes): void {
		this.#choices = new Map(Object.entries(times).map(([key, of]) => [key, fastest(of)]));
	}
}
