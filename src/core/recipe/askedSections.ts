/**
 * The recipe's sections of models that only some data methods ask. A section holds the fields that differ from its defaults, see
 * `SECTION_DEFAULTS`; a recipe whose method asks none of them has no such section.
 */
import * as v from 'valibot';
import { SECTION_DEFAULTS } from './sectionDefaults.ts';
import { isHttpAddress, publicAddress } from './endpoint.ts';
import type { NumberPath } from './limits.ts';
import { type Ranges, recipeNumber } from './number.ts';
import { reviserKind } from './reviserKind.ts';

/** `embedded`, `local`, or the base URL of an OpenAI-compatible endpoint; never contains a key. */
export const endpointSchema = v.pipe(
	v.string(),
	v.transform(publicAddress),
	v.check(
		(endpoint) => reviserKind({ endpoint }) !== 'endpoint' || isHttpAddress(endpoint),
		'write the whole base URL, for example http://localhost:8080/v1',
	),
);

/** Why a model's name cannot be used at its endpoint; null if it can. */
export function modelProblem({ endpoint, model }: { endpoint: string; model: string }): string | null {
	if (model.trim() !== '') return null;
	switch (reviserKind({ endpoint })) {
		case 'endpoint':
			return 'write the name of a model that the endpoint offers';
		case 'local':
			return 'name a second model, for example Qwen2.5-1.5B-Instruct';
		case 'embedded':
			return 'name a model of the built-in cast, for example embedded-judge';
	}
}

type Section = keyof typeof SECTION_DEFAULTS;

/** Another server has other names, so it needs one of its own. */
function hasModel(
	section: 'judge' | 'stronger',
	{ endpoint, model }: { endpoint?: string; model?: string },
): boolean {
	const standard = SECTION_DEFAULTS[section];
	const at = endpoint ?? standard.endpoint;
	const name = model ?? (at === standard.endpoint ? standard.model : '');
	return modelProblem({ endpoint: at, model: name }) === null;
}

const NO_MODEL = 'write the name of a model that the endpoint offers';

function numbersOf(section: Section, ranges: Ranges) {
	const number = (field: string) =>
		v.exactOptional(recipeNumber(`${section}.${field}` as NumberPath, ranges));
	return {
		temperature: number('temperature'),
		concurrency: number('concurrency'),
		maxTokens: number('maxTokens'),
		/** Most requests of a run; 0 means no limit. */
		budget: number('budget'),
		/** That of the sampling if absent. */
		seed: number('seed'),
	};
}

/** @param ranges see number.ts */
export function askedSections(ranges: Ranges) {
	const asked = { endpoint: v.exactOptional(endpointSchema), model: v.exactOptional(v.string()) };
	return {
		/** Compares two answers. */
		judge: v.exactOptional(
			v.pipe(
				v.strictObject({
					...asked,
					...numbersOf('judge', ranges),
					/** Faults of the embedded judge: a bonus per word, and noise; see core/cast/models/judge.ts. */
					lengthBias: v.exactOptional(recipeNumber('judge.lengthBias', ranges)),
					noise: v.exactOptional(recipeNumber('judge.noise', ranges)),
				}),
				v.forward(
					v.check((asked) => hasModel('judge', asked), NO_MODEL),
					['model'],
				),
			),
		),
		/** Answers the prompts better than the target model. */
		stronger: v.exactOptional(
			v.pipe(
				v.strictObject({
					...asked,
					...numbersOf('stronger', ranges),
					/** Habits of the embedded one: see core/cast/models/answerers.ts. */
					manner: v.exactOptional(v.picklist(['own', 'foreign'])),
					flawed: v.exactOptional(recipeNumber('stronger.flawed', ranges)),
				}),
				v.forward(
					v.check((asked) => hasModel('stronger', asked), NO_MODEL),
					['model'],
				),
			),
		),
		/** Models whose answers are compared with each other; each prompt is answered by two of them, in turn. */
		others: v.exactOptional(
			v.strictObject({
				models: v.exactOptional(
					v.pipe(
						v.array(
							v.pipe(
								v.strictObject({ endpoint: endpointSchema, model: v.string() }),
								v.forward(
									v.check((named) => modelProblem(named) === null, NO_MODEL),
									['model'],
								),
							),
						),
						v.minLength(2, 'name at least two models'),
						v.maxLength(6, 'name at most six models'),
					),
				),
				...numbersOf('others', ranges),
			}),
		),
	};
}
