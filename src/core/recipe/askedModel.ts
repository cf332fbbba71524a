/** Models that a run asks besides the target model: the recipe's sections with their defaults filled in. */
import type { Recipe } from './recipe.ts';
import { reviserKind } from './reviserKind.ts';
import { REPLY_TOKENS, SECTION_DEFAULTS } from './sectionDefaults.ts';

/** A model and how to ask it. */
export interface AskedModel {
	/** `embedded`, `local`, or the base URL of an OpenAI-compatible endpoint. */
	endpoint: string;
	/** The name that requests give; of the embedded cast with the model's settings, see core/cast. */
	model: string;
	temperature: number;
	/** Requests at the same time. */
	concurrency: number;
	maxTokens: number;
	/** Most requests of a run; 0 means no limit. */
	budget: number;
	seed: number;
}

/** A model of the cast with the settings that differ from its own defaults, as in core/cast/castName.ts. */
function castName(name: string, settings: Readonly<Record<string, number | string | undefined>>): string {
	const own = Object.entries(settings).filter(([, value]) => value !== undefined);
	return own.length === 0 ? name : `${name}:${own.map(([key, value]) => `${key}=${value}`).join(',')}`;
}

const isCast = (endpoint: string): boolean => reviserKind({ endpoint }) === 'embedded';

/** `value`, or undefined if it is the default. */
const own = <T>(value: T | undefined, standard: T): T | undefined => (value === standard ? undefined : value);

export function askedReviser({ reviser }: Recipe): AskedModel {
	const { endpoint, model, temperature, concurrency, maxTokens = REPLY_TOKENS, seed, skill } = reviser;
	const name = isCast(endpoint) ? castName(model, { skill: own(skill, 1) }) : model;
	return { endpoint, model: name, temperature, concurrency, maxTokens, budget: 0, seed };
}

export function askedJudge({ judge, sampling }: Recipe): AskedModel {
	const { lengthBias, noise, ...standard } = SECTION_DEFAULTS.judge;
	const asked = { ...standard, seed: sampling.seed, ...judge };
	const faults = { lengthBias: own(judge?.lengthBias, lengthBias), noise: own(judge?.noise, noise) };
	return modelOf(asked, isCast(asked.endpoint) ? castName(asked.model, faults) : asked.model);
}

export function askedStronger({ stronger, sampling }: Recipe): AskedModel {
	const { manner, flawed, ...standard } = SECTION_DEFAULTS.stronger;
	const asked = { ...standard, seed: sampling.seed, ...stronger };
	const habits = { flawed: own(stronger?.flawed, flawed), manner: own<string>(stronger?.manner, manner) };
	return modelOf(asked, isCast(asked.endpoint) ? castName(asked.model, habits) : asked.model);
}

/** At least two models, in the recipe's order. */
export function askedOthers({ others, sampling }: Recipe): readonly AskedModel[] {
	const { models, ...asked } = { ...SECTION_DEFAULTS.others, seed: sampling.seed, ...others };
	return models.map(({ endpoint, model }) => modelOf({ ...asked, endpoint }, model));
}

function modelOf(asked: Omit<AskedModel, 'model'>, model: string): AskedModel {
	const { endpoint, temperature, concurrency, maxTokens, budget, seed } = asked;
	return { endpoint, model, temperature, concurrency, maxTokens, budget, seed };
}

/** Equal for models that give the same replies: how fast and how often they are asked does not matter. */
export function replyKey({
	endpoint,
	model,
	temperature,
	maxTokens,
	seed,
}: Omit<AskedModel, 'concurrency' | 'budget'>): string {
	return JSON.stringify([endpoint, model, temperature, maxTokens, seed]);
}
