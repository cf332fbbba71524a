/** The recipe while the user edits it: native controls write into it, and it lists the changes since the last run. */
import type { DataMethod } from '#core/pair/methods/method.ts';
import { findMethod, methodOf } from '#core/pair/methods/registry.ts';
import { asAppError, type AppError } from '#core/errors.ts';
import { hasObjective, objectiveOf } from '#core/loss/objectives/registry.ts';
import { DEFAULT_RECIPE, readRecipe, withSeed, type Recipe } from '#core/recipe/recipe.ts';

type Section = {
	[K in keyof Recipe]: Recipe[K] extends object ? K : never;
}[keyof Recipe];

/** One field that differs from the recipe of the last run. */
export interface RecipeChange {
	/** Dotted: `objective.beta`. */
	path: string;
	from: unknown;
	to: unknown;
}

/** Every field of a recipe by its dotted path; lists count as one field. */
export function recipeFields(recipe: Recipe): ReadonlyMap<string, unknown> {
	const fields = new Map<string, unknown>();
	for (const [section, value] of Object.entries(recipe)) {
		if (typeof value === 'object') {
			for (const [field, inner] of Object.entries(value)) fields.set(`${section}.${field}`, inner);
		} else fields.set(section, value);
	}
	return fields;
}

/** Fields that differ, in the recipe's own order. */
export function recipeChanges(from: Recipe, to: Recipe): RecipeChange[] {
	const before = recipeFields(from);
	return [...recipeFields(to)]
		.filter(([path, value]) => JSON.stringify(before.get(path)) !== JSON.stringify(value))
		.map(([path, value]) => ({ path, from: before.get(path), to: value }));
}

export class RecipeDraft {
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

	/** Names the first invalid field and its allowed values; null if the recipe can run. */
	readonly problem: AppError | null = $derived.by(() => {
		try {
			readRecipe(this.recipe);
			return null;
		} catch (error) {
			return asAppError(error);
		}
	});

	/** The dotted path of the field that `problem` names, or null. */
	readonly problemPath: string | null = $derived(pathOf(this.problem));

	/** Sets one field of one section: `set('objective', 'beta', 0.1)`. */
	set<S extends Section, F extends keyof Recipe[S]>(section: S, field: F, value: Recipe[S][F]): void {
		this.recipe = { ...this.recipe, [section]: { ...this.recipe[section], [field]: value } };
	}

	/** Chooses an objective. The parameters of another objective have no meaning for it. */
	setObjective(id: string): void {
		const { objective } = this.recipe;
		if (objective.id !== id) this.recipe = { ...this.recipe, objective: { id, beta: objective.beta } };
	}

	setModel(id: string): void {
		this.recipe = { ...this.recipe, model: id };
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
		if (path === 'objective.id') {
			const { beta } = this.recipe.objective;
			this.recipe = { ...this.recipe, objective: { ...this.base.objective, beta } };
			return;
		}
		const [section = '', field] = path.split('.');
		const from = this.base as unknown as Record<string, Record<string, unknown>>;
		const now = this.recipe as unknown as Record<string, Record<string, unknown>>;
		const value = field === undefined ? from[section] : { ...now[section], [field]: from[section]?.[field] };
		this.recipe = { ...this.recipe, [section]: value };
	}

	isChanged(path: string): boolean {
		return this.changes.some((change) => change.path === path);
	}
}

function pathOf(problem: AppError | null): string | null {
	const path = problem?.context['path'];
	return typeof path === 'string' ? path : null;
}

/** The recipe in a few words: "CLAIR, APO-zero, seed 1". Summaries of runs may name a method or an objective of a newer version. */
export function shortRecipe(recipe: Recipe): string {
	const { method } = recipe.pairs;
	const { id } = recipe.objective;
	const pairs = findMethod(method)?.title ?? method;
	const objective = hasObjective(id) ? objectiveOf(id).title : id;
	return `${pairs}, ${objective}, seed ${recipe.training.seed}`;
}
