/** The models of the embedded cast. To add one: write its file under models/ and name it here. */
import type { CastModel, CastValues } from './castModel.ts';
import { readCastValues } from './castName.ts';
import { otherA, otherB, otherC, stronger } from './models/answerers.ts';
import { judge } from './models/judge.ts';
import { reviser } from './models/reviser.ts';

export const CAST: readonly CastModel[] = [reviser, judge, stronger, otherA, otherB, otherC];

/** A model with the settings of its name. */
export type CastMember = { model: CastModel; values: CastValues } | { problem: string };

/** @param name as in a request: `embedded-judge`, `embedded-judge:noise=0.2` */
export function castMember(name: string): CastMember | null {
	const border = name.indexOf(':');
	const id = border < 0 ? name : name.slice(0, border);
	const model = CAST.find((one) => one.id === id);
	if (model === undefined) return null;
	const values = readCastValues(model, border < 0 ? '' : name.slice(border + 1));
	return typeof values === 'string' ? { problem: values } : { model, values };
}

/**
 * A model's name in words: "built-in judge, length bias 0.1, noise 0.2". Settings with their default are left out. A name that is not
 * of the cast stays as it is.
 */
export function castWords(name: string): string {
	const member = castMember(name);
	if (member === null || 'problem' in member) return name;
	const { title, settings } = member.model;
	const own = Object.entries(settings).flatMap(([key, setting]) => {
		const value = member.values[key] ?? setting.default;
		return value === setting.default ? [] : [`${setting.title} ${value}`];
	});
	return [title, ...own].join(', ');
}
