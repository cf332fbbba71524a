/** The recipe's objective: its id, β, and the values of its parameters, checked against the registry. */
import * as v from 'valibot';
import { type Ranges, recipeNumber } from './number.ts';
import { hasObjective, knownObjectives, objectiveOf } from '../loss/objectives/registry.ts';

export function objectiveSchema(ranges: Ranges) {
	return v.pipe(
		v.strictObject({
			/** Id of an objective in core/loss/objectives/registry.ts. */
			id: v.pipe(
				v.string(),
				v.check(hasObjective, () => `choose one of ${knownObjectives()}`),
			),
			beta: recipeNumber('objective.beta', ranges),
			/** By name, for example `epsilon`; a parameter that is not named has its default. */
			parameters: v.exactOptional(v.record(v.string(), v.pipe(v.number(), v.finite()))),
		}),
		v.rawCheck(({ dataset, addIssue }) => {
			if (!dataset.typed) return;
			const { id, parameters = {} } = dataset.value;
			for (const [name, value] of Object.entries(parameters)) {
				const message = parameterProblem(id, name, value, ranges);
				if (message === null) continue;
				addIssue({
					message,
					input: value,
					path: [
						{ type: 'object', origin: 'value', input: dataset.value, key: 'parameters', value: parameters },
						{ type: 'object', origin: 'value', input: parameters, key: name, value },
					],
				});
			}
		}),
	);
}

/** Smaller numbers vanish in f32. Stored runs may have them. */
const SMALLEST = 1e-30;

/** Why an objective cannot have this value of a parameter; null if it can. */
function parameterProblem(id: string, name: string, value: number, ranges: Ranges): string | null {
	if (!hasObjective(id)) return null;
	const known = new Map(Object.entries(objectiveOf(id).parameters ?? {}));
	const parameter = known.get(name);
	if (parameter === undefined) {
		const names = known.size === 0 ? 'it has none' : `known are ${[...known.keys()].join(', ')}`;
		return `${id} has no parameter "${name}"; ${names}`;
	}
	const { min, max } = parameter;
	if (ranges === 'limits' && value !== 0 && Math.abs(value) < SMALLEST)
		return `choose 0, or a number above ${SMALLEST}`;
	return min <= value && value <= max ? null : `choose a number between ${min} and ${max}`;
}
