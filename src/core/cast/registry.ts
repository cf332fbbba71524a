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
