/** The size of an adapter's change to each matrix, as a run's record keeps it at the steps that measured it. */
import * as v from 'valibot';
import { count, listOf } from '../format/schema.ts';
import { TARGET_MODULES } from '../recipe/recipe.ts';

export const storedNormsSchema = v.object({
	step: count,
	/** Place of each matrix. Lists of equal length. */
	layers: listOf(count),
	modules: listOf(v.picklist(TARGET_MODULES)),
	/** ‖scaling·B·A‖_F, in units of the weights, four digits. */
	norms: listOf(v.number()),
});
export type StoredNorms = v.InferOutput<typeof storedNormsSchema>;
