/** The recipe's objective in its three forms: a registered one, a formula, a weighted sum. Problems name their place. */
import * as v from 'valibot';
import { ExpressionError } from '../loss/expression/error.ts';
import { formulaParameters, objectiveFor, sumFormula } from '../loss/objectives/forSettings.ts';
import {
	hasObjective,
	knownObjectives,
	objectiveOf,
	registeredObjectives,
} from '../loss/objectives/registry.ts';
import {
	FORMULA,
	FORMULA_PARAMETER_MOST,
	isObjectiveForm,
	MOST_TERMS,
	SUM,
	type ObjectiveSettings,
} from '../loss/objectives/settings.ts';
import { nearName } from '../text/nearName.ts';
import { isWithin, limitText, TERM_WEIGHT } from './limits.ts';
import { type Ranges, recipeNumber } from './number.ts';

/** By name, for example `epsilon`; a parameter that is not named has its default. */
const parameters = v.exactOptional(v.record(v.string(), v.pipe(v.number(), v.finite())));
/** Longer texts are refused by the parser with a message of its own; this bounds what a file can hold. */
const formula = v.exactOptional(v.string());

export function objectiveSchema(ranges: Ranges) {
	return v.pipe(
		v.strictObject({
			/** Id of an objective in core/loss/objectives/registry.ts, `formula` or `sum`. */
			id: v.pipe(
				v.string(),
				v.check(
					(id) => hasObjective(id) || isObjectiveForm(id),
					({ input }) => `${meant(input)} one of ${knownObjectives()}, ${FORMULA}, ${SUM}`,
				),
			),
			beta: recipeNumber('objective.beta', ranges),
			parameters,
			/** The loss of one pair, in the language of core/loss/expression. */
			formula,
			terms: v.exactOptional(
				v.array(
					v.strictObject({
						id: v.pipe(
							v.string(),
							v.check(hasObjective, ({ input }) => `${meant(input)} one of ${knownObjectives()}`),
						),
						weight: v.number(),
						parameters,
					}),
				),
			),
		}),
		v.rawCheck(({ dataset, addIssue }) => {
			if (!dataset.typed || dataset.issues !== undefined) return;
			for (const { path, message } of problemsOf(dataset.value, ranges))
				addIssue({ message, input: dataset.value, path: pathItems(dataset.value, path) });
		}),
	);
}

/** "did you mean dpo? Choose", or "choose" if no objective has a name like this one. */
function meant(id: string): string {
	const near = nearName(
		id,
		registeredObjectives().map((one) => one.id),
	);
	return near === null ? 'choose' : `did you mean ${near}? Choose`;
}

/** A fault of the settings, at a path below `objective`. */
interface Problem {
	readonly path: readonly [string, ...(string | number)[]];
	readonly message: string;
}

/** A problem makes later checks of the same settings meaningless, so the list ends at the first kind found. */
function problemsOf(settings: ObjectiveSettings, ranges: Ranges): readonly Problem[] {
	const checks = [misplacedFields, formProblems, parameterProblems, loadProblems];
	for (const check of checks) {
		const problems = check(settings, ranges);
		if (problems.length > 0) return problems;
	}
	return [];
}

/** Fields of another form. */
function misplacedFields({ id, formula, terms, parameters }: ObjectiveSettings): Problem[] {
	const problems: Problem[] = [];
	if (formula !== undefined && id !== FORMULA)
		problems.push({ path: ['formula'], message: `only the objective "${FORMULA}" has a formula, not ${id}` });
	if (terms !== undefined && id !== SUM)
		problems.push({ path: ['terms'], message: `only the objective "${SUM}" has terms, not ${id}` });
	if (parameters !== undefined && id === SUM)
		problems.push({ path: ['parameters'], message: 'the parameters of a sum belong to its terms' });
	return problems;
}

function formProblems({ id, formula, terms }: ObjectiveSettings): readonly Problem[] {
	if (id === FORMULA) {
		if (formula === undefined) return [{ path: ['formula'], message: 'write the loss of one pair' }];
		return unusable(['formula'], () => formulaParameters(formula));
	}
	if (id !== SUM) return [];
	const count = terms?.length ?? 0;
	if (count === 0) return [{ path: ['terms'], message: 'name at least one term' }];
	if (count > MOST_TERMS)
		return [{ path: ['terms'], message: `name at most ${MOST_TERMS} terms, not ${count}` }];
	return (terms ?? []).flatMap(({ weight }, i) =>
		isWithin(TERM_WEIGHT, weight)
			? []
			: [
					{
						path: ['terms', i, 'weight'] as const,
						message: `choose ${limitText(TERM_WEIGHT)}, not ${weight}`,
					},
				],
	);
}

function parameterProblems({ id, formula, terms, parameters }: ObjectiveSettings, ranges: Ranges): Problem[] {
	if (id === SUM)
		return (terms ?? []).flatMap((term, i) =>
			valueProblems(term.id, registeredRanges(term.id), term.parameters, ranges).map(
				({ path, message }): Problem => ({ path: ['terms', i, ...path], message }),
			),
		);
	const known = id === FORMULA ? formulaRanges(formula ?? '') : registeredRanges(id);
	return valueProblems(id === FORMULA ? 'the formula' : id, known, parameters, ranges);
}

type ParameterRanges = ReadonlyMap<string, { readonly min: number; readonly max: number }>;

const registeredRanges = (id: string): ParameterRanges =>
	new Map(Object.entries(objectiveOf(id).parameters ?? {}));

function formulaRanges(formula: string): ParameterRanges {
	const range = { min: -FORMULA_PARAMETER_MOST, max: FORMULA_PARAMETER_MOST };
	return new Map(formulaParameters(formula).map((name) => [name, range]));
}

/** Smaller numbers vanish in f32. Stored runs may have them. */
const SMALLEST = 1e-30;

/** @param owner of the parameters, for the message */
function valueProblems(
	owner: string,
	known: ParameterRanges,
	values: Readonly<Record<string, number>> = {},
	ranges: Ranges,
): Problem[] {
	return Object.entries(values).flatMap(([name, value]) => {
		const message = valueProblem(owner, known, name, value, ranges);
		return message === null ? [] : [{ path: ['parameters', name] as const, message }];
	});
}

/** Why the parameter cannot have this value; null if it can. */
function valueProblem(
	owner: string,
	known: ParameterRanges,
	name: string,
	value: number,
	ranges: Ranges,
): string | null {
	const range = known.get(name);
	if (range === undefined) {
		const names = known.size === 0 ? 'it has none' : `known are ${[...known.keys()].join(', ')}`;
		return `${owner} has no parameter "${name}"; ${names}`;
	}
	const { min, max } = range;
	if (ranges === 'limits' && value !== 0 && Math.abs(value) < SMALLEST)
		return `choose 0, or a number above ${SMALLEST}`;
	return min <= value && value <= max ? null : `choose a number between ${min} and ${max}`;
}

/** The whole must compile: a gradient may have too many parts, or a constant may not be finite. */
function loadProblems(settings: ObjectiveSettings): readonly Problem[] {
	const { id, terms = [] } = settings;
	if (id === FORMULA) return unusable(['formula'], () => objectiveFor(settings));
	return id === SUM ? unusable(['terms'], () => [sumFormula(terms), objectiveFor(settings)]) : [];
}

/** The ExpressionError of the work as a problem at `path`; none if the work succeeds. */
function unusable(path: Problem['path'], work: () => unknown): readonly Problem[] {
	try {
		work();
		return [];
	} catch (error) {
		if (!(error instanceof ExpressionError)) throw error;
		return [{ path, message: expressionProblem(error) }];
	}
}

/** The message, its place in the text and the hint as one clause, without a full stop. */
export function expressionProblem({ message, hint, at, end }: ExpressionError): string {
	const place = /\bcharacters? \d/.test(message) || end === at ? '' : ` Characters ${at + 1} to ${end}.`;
	return `${message}${place} ${hint}`.trim().replace(/\.$/, '');
}

/** The path in the form that valibot reports. */
function pathItems(
	settings: object,
	path: Problem['path'],
): [v.ObjectPathItem | v.ArrayPathItem, ...(v.ObjectPathItem | v.ArrayPathItem)[]] {
	let holder: unknown = settings;
	const [first, ...rest] = path.map((key) => {
		const input = holder;
		const value: unknown = (input as Record<string | number, unknown>)[key];
		holder = value;
		return typeof key === 'number'
			? ({ type: 'array', origin: 'value', input: input as unknown[], key, value } as const)
			: ({ type: 'object', origin: 'value', input: input as Record<string, unknown>, key, value } as const);
	});
	if (first === undefined) throw new RangeError('a problem has a path');
	return [first, ...rest];
}
