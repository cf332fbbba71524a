/**
 * Checks that a stored state belongs to this run: training would silently continue from another run's state.
 */
import { AppError } from '#core/errors.ts';
import type { TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { DeviceLora } from '#model/lora.ts';

/** @throws AppError `resume-mismatch` naming what differs */
export function checkResume(state: TrainerState, recipe: Recipe, lora: DeviceLora): void {
	const { size } = lora.forms.stored.layout;
	const sizes = [state.params.length, state.m.length, state.v.length];
	if (sizes.some((length) => length !== size)) {
		throw mismatch(`holds ${sizes.join(', ')} numbers; this model and rank need ${size} each`);
	}
	if (state.samplerSeed !== recipe.training.seed) {
		throw mismatch(`was drawn with seed ${state.samplerSeed}; the recipe says ${recipe.training.seed}`);
	}
	if (state.step > recipe.training.steps) {
		throw mismatch(`is at step ${state.step}; the recipe ends at ${recipe.training.steps}`);
	}
}

function mismatch(what: string): AppError {
	return new AppError(`The checkpoint ${what}.`, {
		code: 'resume-mismatch',
		hint: 'Use the recipe and model of that run, or start a new run.',
	});
}
