/** Loads the recipe's model into both engines, unless it is loaded. */
import type { PhaseContext } from '../phaseContext.ts';

/** @throws Cancelled · the engines' errors */
export async function loadTarget({ recipe, engines, models, signal }: PhaseContext): Promise<void> {
	if (engines.loadedModel === recipe.model) return;
	await engines.load(recipe.model, signal);
	await models.expectParent();
	// Runs in parallel with sampling. A failure here is ignored: training hits it again and reports it.
	models.compute.prepare(recipe).catch(() => undefined);
}
