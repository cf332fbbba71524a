/** An objective of the user's own while it is written: its text, what is wrong with it, and the last usable form. */
import { asAppError, type AppError } from '#core/errors.ts';
import { ExpressionError, type Span } from '#core/loss/expression/error.ts';
import { asFormula, formulaParameters, objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { readKeptFormula, writeKeptFormula } from '#core/loss/objectives/keptFormula.ts';
import { FORMULA, type ObjectiveSettings } from '#core/loss/objectives/settings.ts';
import type { TabMemory } from '../ports.ts';

/** A problem of a formula, with its place in the text. */
export interface FormulaProblem {
	readonly message: string;
	readonly hint: string;
	readonly span: Span;
}

export type FormulaCheck =
	| { readonly objective: CompiledObjective; readonly problem: null }
	| { readonly objective: null; readonly problem: FormulaProblem };

/** Compiles a formula. Never throws: any text is either an objective or a problem with a place. */
export function checkFormula(settings: ObjectiveSettings): FormulaCheck {
	try {
		return { objective: objectiveFor(settings), problem: null };
	} catch (error) {
		return { objective: null, problem: problemOf(asAppError(error), settings.formula ?? '') };
	}
}

function problemOf(error: AppError, text: string): FormulaProblem {
	const { message, hint } = error;
	const span =
		error instanceof ExpressionError ? { start: error.at, end: error.end } : { start: 0, end: text.length };
	return { message, hint, span };
}

/** The settings with another text: values of parameters that it does not read are dropped, if it can be read. */
export function withText(settings: ObjectiveSettings, formula: string): ObjectiveSettings {
	const { beta, parameters = {} } = settings;
	return withParameters({ id: FORMULA, beta, formula }, parameters);
}

/** The settings with these values of the parameters that the formula reads. */
export function withParameters(
	{ beta, formula = '' }: ObjectiveSettings,
	values: Readonly<Record<string, number>>,
): ObjectiveSettings {
	const names = readableParameters(formula);
	const kept = Object.entries(values).filter(([name]) => names?.includes(name) ?? true);
	const parameters = kept.length === 0 ? {} : { parameters: Object.fromEntries(kept) };
	return { id: FORMULA, beta, formula, ...parameters };
}

/** The parameters that the text reads; null if it is not an expression. */
function readableParameters(formula: string): readonly string[] | null {
	try {
		return formulaParameters(formula);
	} catch (error) {
		if (error instanceof ExpressionError) return null;
		throw error;
	}
}

const SLOT = 'anchorage.formula';

export class FormulaDraft {
	readonly #beta: () => number;
	#lastUsable: CompiledObjective | null = null;
	readonly #memory: TabMemory | null;
	/** Null until the user begins. β is not part of it: the plane and the recipe have their own. */
	#written: ObjectiveSettings | null = $state.raw(null);
	/** True if the formula was written before a reload of the tab, and not since. */
	restored: boolean = $state(false);
	/** True while the plane follows the formula. */
	onPlane: boolean = $state(false);

	/** Null until the user begins. */
	readonly settings: ObjectiveSettings | null = $derived.by(() =>
		this.#written === null ? null : { ...this.#written, beta: this.#beta() },
	);
	readonly check: FormulaCheck | null = $derived.by(() =>
		this.settings === null ? null : checkFormula(this.settings),
	);
	/** The formula, or while it has a problem the last one without. */
	readonly usable: CompiledObjective | null = $derived.by(() => {
		if (this.check?.objective) this.#lastUsable = this.check.objective;
		return this.check === null ? null : this.#lastUsable;
	});

	/**
	 * @param beta of the recipe on the page
	 * @param memory keeps the formula over a reload of the tab
	 */
	constructor(beta: () => number, memory: TabMemory | null = null) {
		this.#beta = beta;
		this.#memory = memory;
		this.#written = readKeptFormula(memory?.read(SLOT) ?? null);
		this.restored = this.#written !== null;
	}

	/** Begins with another objective's loss and the values of its parameters. */
	beginFrom(settings: ObjectiveSettings): void {
		this.write(asFormula(settings));
	}

	/** Replaces the formula; the plane follows it. */
	write(settings: ObjectiveSettings): void {
		this.#written = settings;
		this.onPlane = true;
		this.restored = false;
		this.#memory?.write(SLOT, writeKeptFormula(settings));
	}
}
