/** Whether a run of a model can begin from an adapter: every matrix has the shape of its projection, and the model can be merged. */
import { AppError, ShapeError } from '../errors.ts';
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

/** @param name of the adapter, for the message */
export function notMergeable(name: string): AppError {
	return new AppError(
		`${name} cannot be merged into this model: its weights are kept in blocks of 4 to 8 bits.`,
		{
			code: 'begin-block-weights',
			hint: 'Begin from the base model, or use a form of the model in 16 or 32 bits.',
		},
	);
}
