/**
 * The trainer's form of an adapter: all parameters in ONE flat list of f32, so that the optimiser, the
 * gradient norm and the checkpoint need one loop each. The layout gives the place of every matrix;
 * `toAdapter` and `fromAdapter` convert to and from PEFT's matrices.
 *
 * Per layer and fused projection: A [blocks·rank, in] with the parts stacked, then B [rows, rank] with the
 * rows of the adapted parts in order. A and B start at multiples of 64 floats; the gaps are zero and stay
 * zero, because no gradient reaches them.
 */
import { ShapeError } from '../errors.ts';
import { rng } from '../math/rng.ts';
import type { ModelConfig } from '../model/model.ts';
import type { TargetModule } from '../recipe/recipe.ts';
import { type Adapter, type LoraConfig, type LoraMatrices, scalingOf } from './adapter.ts';
import { type FusedProjection, projectionShapes } from './projections.ts';

/** Offsets are multiples of this many floats: 256 bytes, WebGPU's alignment of storage bindings. */
export const SLOT_ALIGNMENT = 64;

/** One adapted part of a fused projection. */
export interface LoraBlock {
	module: TargetModule;
	/** Output rows of the fused projection that this block changes. */
	rowStart: number;
	rowEnd: number;
	/** First of the block's `rank` rows in A, and its first row in B. */
	aRow: number;
	bRow: number;
}

export interface LoraSlotLayout {
	layer: number;
	projection: FusedProjection;
	inFeatures: number;
	/** Output rows of the whole fused projection, adapted or not. */
	outFeatures: number;
	rank: number;
	/** alpha / rank. */
	scaling: number;
	/** Offsets into the flat list, in floats. */
	aOffset: number;
	bOffset: number;
	/** Rows of A: blocks·rank. Rows of B: the sum over the blocks. */
	aRows: number;
	bRows: number;
	blocks: readonly LoraBlock[];
}

export interface LoraLayout {
	/** Floats in the flat list, gaps included; a multiple of {@link SLOT_ALIGNMENT}. */
	size: number;
	/** Trainable parameters, without the gaps. */
	parameters: number;
	slots: readonly LoraSlotLayout[];
}

const alignUp = (offset: number): number => Math.ceil(offset / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;

/** Places every LoRA matrix in the flat list. Projections without a target module have no slot. */
export function loraLayout(config: ModelConfig, lora: LoraConfig): LoraLayout {
	const slots: LoraSlotLayout[] = [];
	let size = 0;
	let parameters = 0;
	for (let layer = 0; layer < config.layers; layer++) {
		for (const shape of projectionShapes(config)) {
			const parts = shape.parts.filter(({ module }) => lora.targetModules.includes(module));
			if (parts.length === 0) continue;
			const blocks: LoraBlock[] = [];
			let bRows = 0;
			for (const [i, part] of parts.entries()) {
				blocks.push({ ...part, aRow: i * lora.rank, bRow: bRows });
				bRows += part.rowEnd - part.rowStart;
			}
			const aRows = parts.length * lora.rank;
			const aOffset = size;
			const bOffset = alignUp(aOffset + aRows * shape.inFeatures);
			size = alignUp(bOffset + bRows * lora.rank);
			parameters += aRows * shape.inFeatures + bRows * lora.rank;
			slots.push({
				layer,
				projection: shape.projection,
				inFeatures: shape.inFeatures,
				outFeatures: shape.outFeatures,
				rank: lora.rank,
				scaling: scalingOf(lora),
				aOffset,
				bOffset,
				aRows,
				bRows,
				blocks,
			});
		}
	}
	return { size, parameters, slots };
}

/** Spans of a block's A [rank, in] and B [out, rank] in the flat list: contiguous, in PEFT's orientation. */
function spans(slot: LoraSlotLayout, block: LoraBlock): { a: [number, number]; b: [number, number] } {
	const aStart = slot.aOffset + block.aRow * slot.inFeatures;
	const bStart = slot.bOffset + block.bRow * slot.rank;
	return {
		a: [aStart, aStart + slot.rank * slot.inFeatures],
		b: [bStart, bStart + (block.rowEnd - block.rowStart) * slot.rank],
	};
}

/**
 * An untrained adapter as PEFT initialises it: A uniform in ±1/√in (Kaiming with a = √5), B zero. Every
 * matrix has its own random stream, so that dropping a module does not change the others.
 */
export function initLora(layout: LoraLayout, seed: number): Float32Array<ArrayBuffer> {
	const flat = new Float32Array(layout.size);
	for (const slot of layout.slots) {
		for (const block of slot.blocks)
			drawA(flat.subarray(...spans(slot, block).a), seed, { ...slot, module: block.module });
	}
	return flat;
}

/** The adapter that {@link initLora} gives a model, from any adapter of this model with the same rank and modules. */
export function untrainedLike({ config, matrices }: Adapter, seed: number): Adapter {
	const untrained = matrices.map((one) => {
		const loraA = new Float32Array(one.loraA.length);
		drawA(loraA, seed, one);
		return { ...one, loraA, loraB: new Float32Array(one.loraB.length) };
	});
	return { id: 'step-0', step: 0, config, matrices: untrained };
}

/** Fills `a` with the random numbers of one A. */
function drawA(
	a: Float32Array,
	seed: number,
	{ layer, module, inFeatures }: Pick<LoraMatrices, 'layer' | 'module' | 'inFeatures'>,
): void {
	const bound = 1 / Math.sqrt(inFeatures);
	const stream = rng(seed).fork(`lora-${layer}-${module}`);
	for (let i = 0; i < a.length; i++) a[i] = (2 * stream.next() - 1) * bound;
}

function expectSize(flat: Float32Array, layout: LoraLayout): void {
	if (flat.length === layout.size) return;
	throw new ShapeError(`The flat adapter has ${flat.length} floats; the layout needs ${layout.size}.`, {
		code: 'adapter-size',
		context: { length: flat.length, expected: layout.size },
	});
}

/** Copies the flat list into PEFT's matrices. */
export function toAdapter(
	flat: Float32Array,
	layout: LoraLayout,
	about: { id: string; step: number; config: LoraConfig },
): Adapter {
	expectSize(flat, layout);
	const { rank, alpha, targetModules } = about.config;
	const matrices: LoraMatrices[] = [];
	for (const slot of layout.slots) {
		for (const block of slot.blocks) {
			const { a, b } = spans(slot, block);
			matrices.push({
				layer: slot.layer,
				module: block.module,
				loraA: flat.slice(...a),
				loraB: flat.slice(...b),
				inFeatures: slot.inFeatures,
				outFeatures: block.rowEnd - block.rowStart,
			});
		}
	}
	return {
		id: about.id,
		step: about.step,
		config: { rank, alpha, targetModules: [...targetModules] },
		matrices,
	};
}

const keyOf = (layer: number, module: TargetModule): string => `${layer}.${module}`;

/**
 * Copies an adapter into the flat list of a layout.
 *
 * @throws ShapeError if a matrix of the layout is missing or has another shape
 */
export function fromAdapter(adapter: Adapter, layout: LoraLayout): Float32Array<ArrayBuffer> {
	const flat = new Float32Array(layout.size);
	const byKey = new Map(
		adapter.matrices.map((matrices) => [keyOf(matrices.layer, matrices.module), matrices]),
	);
	const needed = layout.slots.reduce((sum, slot) => sum + slot.blocks.length, 0);
	if (needed !== adapter.matrices.length) {
		throw new ShapeError(
			`The adapter has ${adapter.matrices.length} modules; the model's layout has ${needed}.`,
			{
				code: 'adapter-modules',
				hint: 'Use an adapter that was trained for this model and these target modules.',
			},
		);
	}
	for (const slot of layout.slots) {
		for (const block of slot.blocks) {
			const key = keyOf(slot.layer, block.module);
			const found = byKey.get(key);
			const { a, b } = spans(slot, block);
			if (found?.loraA.length !== a[1] - a[0] || found.loraB.length !== b[1] - b[0]) {
				const got =
					found === undefined ? 'nothing' : `${found.loraA.length} and ${found.loraB.length} floats`;
				throw new ShapeError(
					`The adapter's layer ${key} has ${got}; expected ${a[1] - a[0]} and ${b[1] - b[0]}.`,
					{
						code: 'adapter-shape',
						hint: 'Use an adapter that was trained for this model and rank.',
						context: { layer: slot.layer, module: block.module, rank: slot.rank },
					},
				);
			}
			flat.set(found.loraA, a[0]);
			flat.set(found.loraB, b[0]);
		}
	}
	return flat;
}
