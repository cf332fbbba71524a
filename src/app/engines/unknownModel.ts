/** The error for a run whose model is not in the catalogue. */
import { AppError } from '#core/errors.ts';
import { wantedModel } from '#core/model/keptId.ts';
import type { ModelSource } from '#core/model/model.ts';

/** A run says by its model's id where the model comes from. */
export function unknownModel(modelId: string, models: readonly ModelSource[]): AppError {
	const wanted = wantedModel(modelId);
	const context = { model: modelId };
	if (wanted === null)
		return new AppError(`This build has no model "${modelId}".`, {
			code: 'model-unknown',
			hint: `Choose one of: ${models.map((model) => model.id).join(', ')}.`,
			context,
		});
	return new AppError(`This run uses the model ${wanted.name}, which is not kept in this browser.`, {
		code: 'model-unknown',
		hint:
			wanted.address === null
				? 'Open Models in the recipe and choose the same file or folder again; then resume the run.'
				: `Open Models in the recipe and add ${wanted.address}; then resume the run.`,
		context,
	});
}
