/** Whether an adapter belongs to a model: every matrix has the shape of its projection. */
import { ShapeError } from '../errors.ts';
import type { ModelConfig } from '../model/model.ts';
import type { Adapter } from './adapter.ts';
import { projectionShapes } from './projections.ts';

/**
 * @param name of the adapter, for the message
 * @throws ShapeError `adapter-other-model` naming the first module that differs
 */
export function expectAdapterFits(adapter: Adapter, config: ModelConfig, name: string): void {
	const rows = new Map(
		projectionShapes(config).flatMap(({ inFeatures, parts }) =>
			parts.map(({ module, rowStart, rowEnd }) => [module, `[${rowEnd - rowStart}, ${inFeatures}]`] as const),
		),
	);
	for (const { layer, module, inFeatures, outFeatures } of adapter.matrices) {
		const found = `[${outFeatures}, ${inFeatures}]`;
		const expected = layer < config.layers ? rows.get(module) : undefined;
		if (found === expected) continue;
		const theirs =
			expected === undefined ? `the model has ${config.layers} layers` : `the model’s is ${expected}`;
		throw new ShapeError(
			`${name} belongs to another model: its layer ${layer} ${module} is ${found}; ${theirs}.`,
			{
				code: 'adapter-other-model',
				hint: 'Begin from an adapter that was trained for this model, or from the base model.',
				context: { layer, module },
			},
		);
	}
}
