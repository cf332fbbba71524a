/**
 * The adapter as the records of a model library with compiled-in LoRA. Each fused projection X has two f32
 * records, `X.lora_A` [parts·R, in] and `X.lora_B` [out, R], with R the compiled rank. Part p's A occupies
 * rows p·R … p·R + rank − 1; row n of B multiplies only the A rows of its own part, so B is dense in [out,
 * R]. Smaller ranks and missing parts are zeros. B includes strength and alpha / rank: a change of strength
 * rewrites only B, and strength 0 is exactly the base.
 *
 * python/README.md documents the same layout, beside the compiler that reads it.
 */
import { ShapeError } from '../errors.ts';
import { at } from '../math/at.ts';
import type { ModelConfig } from '../model/model.ts';
import { type Adapter, scalingOf } from './adapter.ts';
import { type ProjectionShape, projectionShapes, recordName } from './projections.ts';

export interface FusedRecord {
	name: string;
	shape: readonly [rows: number, columns: number];
	data: Float32Array<ArrayBuffer>;
}

function fuseProjection(
	shape: ProjectionShape,
	adapter: Adapter | null,
	layer: number,
	maxRank: number,
	scale: number,
): { a: Float32Array<ArrayBuffer>; b: Float32Array<ArrayBuffer> } {
	const a = new Float32Array(shape.parts.length * maxRank * shape.inFeatures);
	const b = new Float32Array(shape.outFeatures * maxRank);
	if (adapter === null || scale === 0) return { a, b };
	const { rank } = adapter.config;
	for (const [p, { module, rowStart, rowEnd }] of shape.parts.entries()) {
		const matrices = adapter.matrices.find((m) => m.layer === layer && m.module === module);
		if (matrices === undefined) continue;
		if (matrices.inFeatures !== shape.inFeatures || matrices.outFeatures !== rowEnd - rowStart) {
			throw new ShapeError(
				`The adapter's layer ${layer} ${module} is [${matrices.outFeatures}, ${matrices.inFeatures}]; ` +
					`the model's is [${rowEnd - rowStart}, ${shape.inFeatures}].`,
				{ code: 'adapter-shape', hint: 'Use an adapter that was trained for this model.' },
			);
		}
		a.set(matrices.loraA, p * maxRank * shape.inFeatures);
		for (let n = 0; n < matrices.outFeatures; n++) {
			for (let j = 0; j < rank; j++)
				b[(rowStart + n) * maxRank + j] = scale * at(matrices.loraB, n * rank + j);
		}
	}
	return { a, b };
}

/**
 * Returns all records of an adapter at a strength, for every layer and projection; null gives zeros, which
 * switch it off.
 *
 * @param maxRank  LoRA rank that the library is compiled for
 * @param strength 1 as trained; 0 is the base
 * @throws ShapeError if the adapter's rank exceeds `maxRank` (merge it instead) or if it belongs to another
 *   model
 */
export function fuseForWebLLM(
	adapter: Adapter | null,
	config: ModelConfig,
	maxRank: number,
	strength: number,
): FusedRecord[] {
	if (adapter !== null && adapter.config.rank > maxRank) {
		throw new ShapeError(
			`The adapter has rank ${adapter.config.rank}; the library has room for ${maxRank}.`,
			{
				code: 'adapter-rank',
				hint: 'Merge the adapter into the weights instead.',
				context: { rank: adapter.config.rank, maxRank },
			},
		);
	}
	const scale = adapter === null ? 0 : strength * scalingOf(adapter.config);
	const records: FusedRecord[] = [];
	for (let layer = 0; layer < config.layers; layer++) {
		for (const shape of projectionShapes(config)) {
			const name = recordName(config.architecture, layer, shape.projection);
			const { a, b } = fuseProjection(shape, adapter, layer, maxRank, scale);
			records.push({
				name: `${name}.lora_A`,
				shape: [shape.parts.length * maxRank, shape.inFeatures],
				data: a,
			});
			records.push({ name: `${name}.lora_B`, shape: [shape.outFeatures, maxRank], data: b });
		}
	}
	return records;
}
