/** The recipe while the user edits it: native controls write into it, and it lists the changes since the last run. */
import type { DataMethod } from '#core/pair/methods/method.ts';
import { findMethod, methodOf } from '#core/pair/methods/registry.ts';
import { asAppError, type AppError } from '#core/errors.ts';
import { asFormula, asSum, titleOf } from '#core/loss/objectives/forSettings.ts';
import { FORMULA, SUM, type ObjectiveSettings } from '#core/loss/objectives/settings.ts';
import {
	moved,
	recipeChanges,
	recipeFields,
	withChanges,
	withField,
	type RecipeChange,
} from '#core/recipe/fields.ts';
import type { Begin } from '#core/recipe/begin.ts';
import { DEFAULT_RECIPE, readRecipe, withSeed, type Recipe } from '#core/recipe/recipe.ts';

/** Sections of models that only some data methods ask. */
export type AskedSections = Pick<Recipe, 'judge' | 'stronger' | 'others'>;

type Section = {
	[K in keyof Recipe]-?: Recipe[K] extends object ? K : never;
}[keyof Recipe];

/** Fields in which the recipes for two models differ; see core/recipe/suggested.ts. */
const SUGGESTED: ReadonlySet<string> = new Set([
	'prompts.world',
	'prompts.count',
	'sampling.maxTokens',
	'objective.beta',
	'lora.rank',
	'lora.alpha',
	'optimiser.learningRate',
	'training.steps',
	'training.batchPairs',
	'training.maxLength',
	'training.checkpointEvery',
	'training.evaluateEvery',
	'evaluation.count',
	'evaluation.maxTokens',
]);

export class RecipeDraft {
	readonly #suggest: (model: string) => Recipe | null;
	#lastUsable: Recipe = DEFAULT_RECIPE;
	/** Sections that the user set earlier in this visit: a run keeps only those that its data method asks. */
	#setBefore: AskedSections = {};
	/** Always complete; may be out of range, see `problem`. */
	recipe: Recipe = $state.raw(DEFAULT_RECIPE);
	/** The recipe of the run that the draft is compared with; null before any run. */
	base: Recipe | null = $state.raw(null);

	/** The recipe's data method. */
	readonly method: DataMethod = $derived(methodOf(this.recipe.pairs.method));

	/** Changes since the last run: the marked values of "Change one thing, run again". Empty before any run. */
	readonly changes: readonly RecipeChange[] = $derived(
		this.base === null ? [] : recipeChanges(this.base, this.recipe),
	);

	/** Fields whose values differ from those that suit the model; empty if no recipe is suggested for it. */
	readonly unlikeSuggested: readonly RecipeChange[] = $derived.by(() => {
		const suggested = this.#suggest(this.recipe.model);
		if (suggested === null) return [];
		return recipeChanges(this.recipe, suggested).filter(({ path }) => SUGGESTED.has(path));
	});

	/** Names the first invalid field and its allowed values; null if the recipe can run. */
	readonly problem: AppError | null = $derived.by(() => {
		try {
			readRecipe(this.recipe);
			return null;
		} catch (error) {
			return asAppError(error);
		}
	});

	/** The recipe, or while it has a problem the last one without: views compile its objective. */
	readonly usable: Recipe = $derived.by(() => {
		if (this.problem === null) this.#lastUsable = this.recipe;
		return this.#lastUsable;
	});

	/** The dotted path of the field that `problem` names, or null. */
	readonly problemPath: string | null = $derived(pathOf(this.problem));

	/** @param suggest the recipe that suits a model; null if the model is not known here */
	constructor(suggest: (model: string) => Recipe | null = () => null) {
		this.#suggest = suggest;
	}

	/** The user's settings of the models that some data method asks, also if that of the draft asks none of them. */
	get asked(): AskedSections {
		return { ...this.#setBefore, ...askedSectionsOf(this.recipe) };
	}

	/** Sets one field of one section: `set('objective', 'beta', 0.1)`. */
	set<S extends Section, F extends keyof Recipe[S]>(section: S, field: F, value: Recipe[S][F]): void {
		this.recipe = { ...this.recipe, [section]: { ...this.recipe[section], [field]: value } };
	}

	/** Sets several fields of the training at once. */
	setTraining(fields: Partial<Recipe['training']>): void {
		this.recipe = { ...this.recipe, training: { ...this.recipe.training, ...fields } };
	}

	/**
	 * Chooses an objective. The parameters of another objective have no meaning for it; a formula and a sum start from the objective
	 * that was chosen before.
	 */
	setObjective(id: string): void {
		const { objective } = this.recipe;
		if (objective.id !== id) this.setObjectiveSettings(nextObjective(objective, id));
	}

	/** Replaces all settings of the objective: a formula with the values of its parameters, or the terms of a sum. */
	setObjectiveSettings(objective: ObjectiveSettings): void {
		this.recipe = { ...this.recipe, objective: recipeObjective(objective) };
	}

	/** Chooses the adapter that the run begins from; undefined for the base model. */
	setBegin(begin: Begin | undefined): void {
		this.recipe = withField(this.recipe, 'begin', begin);
	}

	/** Chooses a model, and what suits it for all fields that the user did not set. */
	setModel(id: string): void {
		const { recipe } = this;
		const to = this.#suggest(id);
		const from = this.#suggest(recipe.model) ?? DEFAULT_RECIPE;
		this.recipe =
			to === null ? withField({ ...recipe, model: id }, 'begin', undefined) : moved(recipe, from, to);
	}

	/** Sets every field that differs from the recipe that suits the model. */
	useSuggested(): void {
		this.recipe = withChanges(this.recipe, this.unlikeSuggested);
	}

	/** All seeds at once, so that "another seed" is one change. */
	setSeed(seed: number): void {
		this.recipe = withSeed(this.recipe, seed);
	}

	/** Replaces the whole recipe by one from a file, a link or a run. */
	load(recipe: Recipe): void {
		this.recipe = recipe;
	}

	/** Makes this recipe the base that changes are counted against. */
	startFrom(recipe: Recipe): void {
		this.#setBefore = this.asked;
		this.base = recipe;
		this.recipe = recipe;
	}

	/** Reverts one change, or all. */
	revert(path?: string): void {
		if (this.base === null) return;
		if (path === undefined) {
			this.recipe = this.base;
			return;
		}
		if (OBJECTIVE_FORM.has(path)) {
			const { beta } = this.recipe.objective;
			this.recipe = { ...this.recipe, objective: { ...this.base.objective, beta } };
			return;
		}
		this.recipe = withField(this.recipe, path, recipeFields(this.base).get(path));
	}

	isChanged(path: string): boolean {
		return this.changes.some((change) => change.path === path);
	}
}

/** Fields of the objective that only make sense together. */
const OBJECTIVE_FORM: ReadonlySet<string> = new Set([
	'objective.id',
	'objective.parameters',
	'objective.formula',
	'objective.terms',
]);

function nextObjective(before: ObjectiveSettings, id: string): ObjectiveSettings {
	if (id === SUM) return asSum(before);
	return id === FORMULA ? asFormula(before) : { id, beta: before.beta };
}

/** A copy that the recipe may hold: the settings' lists are read-only. */
function recipeObjective({ terms, parameters, ...rest }: ObjectiveSettings): Recipe['objective'] {
	const copy = (values: Readonly<Record<string, number>> | undefined) =>
		values && { parameters: { ...values } };
	return {
		...rest,
		...copy(parameters),
		...(terms && { terms: terms.map(({ id, weight, parameters }) => ({ id, weight, ...copy(parameters) })) }),
	};
}

function askedSectionsOf({ judge, stronger, others }: Recipe): AskedSections {
	return {
		...(judge === undefined ? {} : { judge }),
		...(stronger === undefined ? {} : { stronger }),
		...(others === undefined ? {} : { others }),
	};
}

function pathOf(problem: AppError | null): string | null {
	const path = problem?.context['path'];
	return typeof path === 'string' ? path : null;
}

/** The recipe in a few words: "CLAIR, APO-zero, seed 1". Summaries of runs may name a method or an objective of a newer version. */
export function shortRecipe(recipe: Recipe): string {
	const { method } = recipe.pairs;
	const pairs = findMethod(method)?.title ?? method;
	return `${pairs}, ${titleOf(recipe.objective)}, seed ${recipe.training.seed}`;
}
