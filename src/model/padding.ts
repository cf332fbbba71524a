/**
 * Widths that the kernels can read. They read four channels at once, and attention rotates channel i of a head
 * with channel i + D/2. Loading therefore pads C, F and both halves of every head with zeros to multiples of 4.
 * Files keep the model's own widths: adapters are padded on their way to the device and cut on their way back.
 *
 * The padded model computes the same numbers. Zero rows of the weights and of B make the added channels of q, k,
 * v, gate and up zero; the rotation, products and weighted sums keep them zero, so they add nothing. The gradient
 * that reaches them is zero for the same reason, so AdamW leaves the padding of A and B at zero. Two formulas
 * count channels: attention keeps the model's own 1/√D, and {@link normFactor} corrects the mean of a norm.
 */
import type { ModelConfig } from '#core/model/model.ts';
import type { TargetModule } from '#core/recipe/recipe.ts';
import { blankLike, type StoredTensor } from './fuse.ts';

/** One axis of a matrix: `parts` runs of `from` entries that become runs of `to` entries. */
export interface Axis {
	readonly parts: number;
	readonly from: number;
	readonly to: number;
}

export const wholeAxis = (from: number, to = from): Axis => ({ parts: 1, from, to });

const roundUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

/** The model as the device holds it; `config` itself if all its widths can be read. */
export function paddedConfig(config: ModelConfig): ModelConfig {
	const widths = {
		hiddenSize: roundUp(config.hiddenSize, 4),
		intermediateSize: roundUp(config.intermediateSize, 4),
		headDim: roundUp(config.headDim, 8),
	};
	if (Object.entries(widths).every(([name, width]) => width === config[name as keyof typeof widths]))
		return config;
	const hidden = wholeAxis(config.hiddenSize, widths.hiddenSize);
	return { ...config, ...widths, rmsNormEps: config.rmsNormEps * normFactor(hidden) };
}

/**
 * Factor of the epsilon of a norm over padded channels, and the square of its weight's factor. Mean squares
 * shrink by it, because zeros count as channels: √f·x / √(f·mean x² + f·ε) = x / √(mean x² + ε).
 */
export function normFactor({ from, to }: Axis): number {
	return from / to;
}

export type ModelAxes = Readonly<
	Record<'hidden' | 'feedForward' | 'gateUp' | 'head' | 'queries' | 'keys' | 'qkv', Axis>
>;

/** Axes of the matrices between two forms of one model: from its own widths to the padded ones, or back. */
export function axesBetween(from: ModelConfig, to: ModelConfig): ModelAxes {
	const { heads: H, kvHeads: G } = from;
	const halves = (heads: number): Axis => ({ parts: 2 * heads, from: from.headDim / 2, to: to.headDim / 2 });
	const feedForward = wholeAxis(from.intermediateSize, to.intermediateSize);
	return {
		hidden: wholeAxis(from.hiddenSize, to.hiddenSize),
		feedForward,
		gateUp: { ...feedForward, parts: 2 },
		head: halves(1),
		queries: halves(H),
		keys: halves(G),
		qkv: halves(H + 2 * G),
	};
}

/** Output and input axis of each module. */
export const MODULE_AXES: Readonly<Record<TargetModule, Readonly<Record<'out' | 'in', keyof ModelAxes>>>> = {
	q_proj: { out: 'queries', in: 'hidden' },
	k_proj: { out: 'keys', in: 'hidden' },
	v_proj: { out: 'keys', in: 'hidden' },
	o_proj: { out: 'hidden', in: 'queries' },
	gate_proj: { out: 'feedForward', in: 'hidden' },
	up_proj: { out: 'feedForward', in: 'hidden' },
	down_proj: { out: 'hidden', in: 'feedForward' },
};

/**
 * Pads or cuts the runs of both axes; added entries are zero.
 *
 * @param data [rows, columns], row-major
 * @returns    `data` itself if neither axis changes
 */
export function resized<T extends StoredTensor['data']>(data: T, rows: Axis, columns: Axis): T {
	if (rows.from === rows.to && columns.from === columns.to) return data;
	const size = rows.parts * rows.to * columns.parts * columns.to;
	const result = blankLike(data, size);
	const [tall, run] = [Math.min(rows.from, rows.to), Math.min(columns.from, columns.to)];
	for (let i = 0; i < rows.parts * tall; i++) {
		const [part, row] = [Math.floor(i / tall), i % tall];
		for (let j = 0; j < columns.parts; j++) {
			const source = ((part * rows.from + row) * columns.parts + j) * columns.from;
			const target = ((part * rows.to + row) * columns.parts + j) * columns.to;
			result.set(data.subarray(source, source + run), target);
		}
	}
	// The result has the kind of `data`.
	return result as T;
}
