/** The objectives' gradient, as core gives it: f64. */
import { at } from '#core/math/at.ts';
import { objectiveOf } from '#core/loss/objectives.ts';
import type { ObjectiveId } from '#core/recipe/recipe.ts';

/**
 * ∂L/∂logps for interleaved sides: 2i is pair i's chosen, 2i + 1 its rejected, the last entry padding.
 *
 * @param scale 1 / pairs, or for `sft` 1 / chosen tokens of the step
 */
export function preferenceGradReference(
	logps: ArrayLike<number>,
	reference: ArrayLike<number>,
	{ objective, beta, scale }: { objective: ObjectiveId; beta: number; scale: number },
): Float64Array {
	const record = objectiveOf(objective);
	const out = new Float64Array(logps.length);
	for (let i = 0; i + 2 < logps.length; i += 2) {
		const chosen = beta * (at(logps, i) - at(reference, i));
		const rejected = beta * (at(logps, i + 1) - at(reference, i + 1));
		const gradient = record.gradient(chosen, rejected, {
			beta,
			refChosenLogp: at(reference, i),
			refRejectedLogp: at(reference, i + 1),
			chosenTokens: 1,
			rejectedTokens: 1,
			meanChosenTokens: 1,
		});
		out[i] = beta * gradient.chosen * scale;
		out[i + 1] = beta * gradient.rejected * scale;
	}
	return out;
}
