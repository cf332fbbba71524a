/** The objective of a recipe's settings: a registered one with its parameters, a formula, or a weighted sum. */
import { PARAMETER_LETTERS } from '../expression/names.ts';
import { parse } from '../expression/parse/parse.ts';
import { tokenize } from '../expression/parse/tokens.ts';
import type { Syntax } from '../expression/tree.ts';
import { compileObjective } from './compile.ts';
import type { CompiledObjective, Objective, ObjectiveParameter } from './objective.ts';
import { hasObjective, objectiveOf, registeredObjectives } from './registry.ts';
import {
	FORMULA,
	FORMULA_PARAMETER_DEFAULT,
	FORMULA_PARAMETER_MOST,
	SUM,
	type ObjectiveSettings,
	type ObjectiveTerm,
} from './settings.ts';

/** Everything that the compiled objective depends on: β is a value of the step. */
type Content = Omit<ObjectiveSettings, 'beta'>;

/** Objectives that stay compiled; a run reads one, and a slider makes one at each of its places. */
const MOST_KEPT = 64;
const compiled = new Map<string, CompiledObjective>();

/**
 * The compiled objective. Equal settings give the same object, because programs of the GPU are cached by it. The values of the
 * settings' parameters are its defaults.
 *
 * @throws ExpressionError if the formula is not usable
 * @throws AppError `unknown-objective` naming the known ones
 */
export function objectiveFor(settings: ObjectiveSettings): CompiledObjective {
	const { id, parameters, formula, terms } = settings;
	if (parameters === undefined && id !== FORMULA && id !== SUM) return objectiveOf(id);
	const key = JSON.stringify([id, parameters, formula, terms]);
	const known = compiled.get(key);
	if (known) return known;
	const made = compileObjective(objectiveText(settings));
	const [oldest] = compiled.keys();
	if (compiled.size >= MOST_KEPT && oldest !== undefined) compiled.delete(oldest);
	compiled.set(key, made);
	return made;
}

function objectiveText(settings: Content): Objective {
	if (settings.id === FORMULA) return formulaObjective(settings);
	return settings.id === SUM ? sumObjective(settings) : withValues(settings);
}

/** A registered objective whose defaults are the settings' values. */
function withValues({ id, parameters: values = {} }: Pick<Content, 'id' | 'parameters'>): Objective {
	const { parameters = {}, ...texts } = objectiveOf(id);
	return {
		...texts,
		parameters: mapValues(parameters, (parameter, name) => ({
			...parameter,
			default: values[name] ?? parameter.default,
		})),
	};
}

function formulaObjective({ formula = '', parameters: values = {} }: Content): Objective {
	const parameters = Object.fromEntries(
		formulaParameters(formula).map((name) => [
			name,
			{
				default: values[name] ?? FORMULA_PARAMETER_DEFAULT,
				min: -FORMULA_PARAMETER_MOST,
				max: FORMULA_PARAMETER_MOST,
				meaning: 'A number of your formula.',
			},
		]),
	);
	return {
		id: FORMULA,
		trlName: FORMULA,
		title: FORMULA_TITLE,
		loss: formula,
		parameters,
		whenToUse: 'Use it to try an idea of your own.',
		does: 'Lowers the loss that you wrote.',
		source: 'the recipe',
	};
}

const FORMULA_TITLE = 'Your formula';

/**
 * The Greek names that a formula reads, in order of first use.
 *
 * @throws ExpressionError if the formula is not an expression
 */
export function formulaParameters(formula: string): string[] {
	const found = new Set<string>();
	const visit = (node: Syntax): void => {
		if (node.kind === 'name' && PARAMETER_LETTERS.has(node.name)) found.add(node.name);
		node.args.forEach(visit);
	};
	visit(parse(formula, [...PARAMETER_LETTERS.keys()]));
	return [...found];
}

/** The parameters of an objective or of a formula, by name, with the settings' values as defaults; none if the formula is not usable. */
export function parametersOf(settings: ObjectiveSettings): Readonly<Record<string, ObjectiveParameter>> {
	try {
		return settings.id === SUM ? {} : (objectiveText(settings).parameters ?? {});
	} catch {
		return {};
	}
}

function sumObjective({ terms = [] }: Content): Objective {
	return {
		id: SUM,
		trlName: terms.map(({ id }) => objectiveOf(id).trlName).join(','),
		title: titleOf({ id: SUM, terms }),
		loss: sumFormula(terms),
		whenToUse: 'Use it to combine what several objectives do.',
		does: 'Lowers the weighted sum of these losses.',
		source: 'the weighted sum of its parts, as TRL’s list of loss types',
		...(terms.length > 0 && terms.every(({ id }) => objectiveOf(id).perRow) ? { perRow: true } : {}),
	};
}

/**
 * A weighted sum as a formula, with the values of its parameters as numbers, because two parts may use one name.
 *
 * @throws AppError `unknown-objective`
 */
export function sumFormula(terms: readonly ObjectiveTerm[]): string {
	return terms.map(({ weight, ...content }) => scaled(weight, withNumbers(content))).join(' + ');
}

const scaled = (weight: number, loss: string): string => (weight === 1 ? `(${loss})` : `${weight}*(${loss})`);

/** The loss with numbers in place of its parameters' names. */
function withNumbers(content: Pick<Content, 'id' | 'parameters'>): string {
	const { loss, parameters = {} } = withValues(content);
	let [text, from] = ['', 0];
	for (const { kind, text: word, start, end } of tokenize(loss)) {
		const parameter = kind === 'word' && Object.hasOwn(parameters, word) ? parameters[word] : undefined;
		if (parameter === undefined) continue;
		const { default: value } = parameter;
		text += loss.slice(from, start) + (value < 0 ? `(${value})` : String(value));
		from = end;
	}
	return text + loss.slice(from);
}

/** The objective's name for a sentence: "APO-zero", "APO-zero + 0.2 SFT"; the id if it is not known. */
export function titleOf({ id, terms = [] }: Pick<ObjectiveSettings, 'id' | 'terms'>): string {
	if (id === FORMULA) return FORMULA_TITLE;
	if (id !== SUM) return registeredObjectives().find((one) => one.id === id)?.title ?? id;
	if (terms.length === 0) return 'Weighted sum';
	return terms
		.map((term) => (term.weight === 1 ? titleOf(term) : `${term.weight} ${titleOf(term)}`))
		.join(' + ');
}

/**
 * The settings' loss as a formula to change, with the same numbers.
 *
 * @throws AppError `unknown-objective`
 */
export function asFormula(settings: ObjectiveSettings): ObjectiveSettings {
	const { beta } = settings;
	const { loss, parameters = {} } = objectiveText(settings);
	const values = mapValues(parameters, (parameter) => parameter.default);
	const named = Object.keys(values).length === 0 ? {} : { parameters: values };
	return { id: FORMULA, beta, formula: loss, ...named };
}

/** Weight of the second term of a new sum. */
const ADDED_WEIGHT = 0.2;

/** The settings' objective plus a little SFT, as a sum to change. A formula is no term: a sum then starts from APO-zero. */
export function asSum({ id, beta, parameters }: ObjectiveSettings): ObjectiveSettings {
	const known = hasObjective(id);
	const first = known ? { id, weight: 1, ...(parameters && { parameters }) } : { id: 'apo_zero', weight: 1 };
	return {
		id: SUM,
		beta,
		terms: [first, { id: first.id === 'sft' ? 'apo_zero' : 'sft', weight: ADDED_WEIGHT }],
	};
}

function mapValues<A, B>(
	record: Readonly<Record<string, A>>,
	valueOf: (value: A, name: string) => B,
): Readonly<Record<string, B>> {
	return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, valueOf(value, name)]));
}

/** @throws AppError `unknown-objective` if this version knows neither an objective nor a form of this id */
export function expectObjective(id: string): void {
	if (id !== FORMULA && id !== SUM) objectiveOf(id);
}
