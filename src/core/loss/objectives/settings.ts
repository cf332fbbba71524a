/** The settings that a recipe gives its objective, in three forms: a registered one, a formula, a weighted sum. */

/** One part of a weighted sum. */
export interface ObjectiveTerm {
	/** Id of a registered objective. */
	readonly id: string;
	/** Factor of its loss, ≥ 0. */
	readonly weight: number;
	readonly parameters?: Readonly<Record<string, number>>;
}

export interface ObjectiveSettings {
	/** Id of a registered objective, or one of {@link FORMULA} and {@link SUM}. */
	readonly id: string;
	/** Unitless, > 0. */
	readonly beta: number;
	/** By name, for example `epsilon`; a parameter that is not named has its default. */
	readonly parameters?: Readonly<Record<string, number>>;
	/** The loss of one pair in the language of core/loss/expression; present if `id` is {@link FORMULA}. */
	readonly formula?: string;
	/** The parts and their weights; present if `id` is {@link SUM}. */
	readonly terms?: readonly ObjectiveTerm[];
}

/** The id of an objective that the recipe writes as a formula. */
export const FORMULA = 'formula';
/** The id of a weighted sum of registered objectives. */
export const SUM = 'sum';

/** True for the ids that name a form of the settings, and no registered objective. */
export const isObjectiveForm = (id: string): boolean => id === FORMULA || id === SUM;

/** Most parts of a weighted sum. */
export const MOST_TERMS = 8;
/** Value of a formula's parameter that the recipe does not name. */
export const FORMULA_PARAMETER_DEFAULT = 1;
/** Largest absolute value of a formula's parameter. */
export const FORMULA_PARAMETER_MOST = 1e6;
