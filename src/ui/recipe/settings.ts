/** The rare settings, as data, for “All settings”. The recipe's paragraph has the common ones. Limits: core/recipe/limits.ts. */
import type { DataMethod } from '#core/pair/methods/method.ts';
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import type { ObjectiveTerm } from '#core/loss/objectives/settings.ts';
import { asks } from '#core/recipe/asks.ts';
import { SECTION_DEFAULTS } from '#core/recipe/sectionDefaults.ts';
import { withoutField } from '#core/recipe/fields.ts';
import { limitOf } from '#core/recipe/limits.ts';
import { ACTIVATIONS, DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';

export interface Setting {
	path: string;
	label: string;
	/** One line for a student. */
	note: string;
	choices?: readonly { id: string; label: string }[];
}
export interface SettingGroup {
	title: string;
	/** Shown only if this is true of the draft. */
	when?: (recipe: Recipe, method: DataMethod) => boolean;
	settings: readonly Setting[];
}

/** Settings of how a model is asked; see core/recipe/askedModel.ts. */
function asked(section: keyof typeof SECTION_DEFAULTS): readonly Setting[] {
	return [
		{ path: `${section}.temperature`, label: 'temperature', note: 'Of its replies; 0 takes the likeliest.' },
		{ path: `${section}.concurrency`, label: 'asked at once', note: 'Requests at the same time.' },
		{ path: `${section}.maxTokens`, label: 'longest reply', note: 'Tokens; its own reasoning counts.' },
		{
			path: `${section}.budget`,
			label: 'most requests',
			note: 'Of a run, for each model; 0 means no limit.',
		},
		{ path: `${section}.seed`, label: 'seed', note: 'Passed on to the endpoint.' },
	];
}

export const SETTINGS: readonly SettingGroup[] = [
	{
		title: 'Sampling',
		settings: [
			{
				path: 'sampling.topP',
				label: 'top-p',
				note: 'Draws only the likeliest tokens that add up to this probability.',
			},
			{
				path: 'sampling.maxTokens',
				label: 'longest answer',
				note: 'Tokens; longer answers are cut.',
			},
			{ path: 'sampling.seed', label: 'seed', note: 'The same seed gives the same answers.' },
			{
				path: 'prompts.seed',
				label: 'seed of the prompts',
				note: 'Decides which prompts of the world are used.',
			},
		],
	},
	{
		title: 'Reviser',
		when: (_recipe, method) => asks(method, 'reviser'),
		settings: [
			{ path: 'reviser.temperature', label: 'temperature', note: 'CLAIR’s paper uses 0.7.' },
			{
				path: 'reviser.concurrency',
				label: 'asked at once',
				note: 'Requests at the same time.',
			},
			{
				path: 'reviser.maxTokens',
				label: 'longest reply',
				note: 'Tokens; the reviser’s own reasoning counts.',
			},
			{ path: 'reviser.seed', label: 'seed', note: 'Passed on to the endpoint.' },
			{
				path: 'reviser.skill',
				label: 'skill',
				note: 'Share of the faults that the built-in reviser mends.',
			},
		],
	},
	{
		title: 'Judge',
		when: (_recipe, method) => asks(method, 'judge'),
		settings: asked('judge'),
	},
	{
		title: 'Stronger model',
		when: (_recipe, method) => asks(method, 'stronger'),
		settings: asked('stronger'),
	},
	{
		title: 'Other models',
		when: (_recipe, method) => asks(method, 'others'),
		settings: asked('others'),
	},
	{
		title: 'Adapter',
		settings: [
			{ path: 'lora.alpha', label: 'alpha', note: 'The adapter is scaled by alpha over rank.' },
			{ path: 'lora.seed', label: 'seed', note: 'Start values of A; B starts at 0.' },
		],
	},
	{
		title: 'Optimiser',
		settings: [
			{
				path: 'optimiser.learningRate',
				label: 'learning rate',
				note: 'The largest, after the warm-up.',
			},
			{
				path: 'optimiser.schedule',
				label: 'schedule',
				note: 'How the rate falls afterwards.',
				choices: ['constant', 'linear', 'cosine'].map((id) => ({ id, label: id })),
			},
			{ path: 'optimiser.warmupSteps', label: 'warm-up', note: 'Steps in which the rate rises.' },
			{
				path: 'optimiser.maxGradNorm',
				label: 'clipping',
				note: 'Largest norm of the gradient; 0 means none.',
			},
			{ path: 'optimiser.weightDecay', label: 'weight decay', note: 'Pulls the adapter towards 0.' },
			{ path: 'optimiser.beta1', label: 'beta 1', note: 'Memory of the gradient.' },
			{ path: 'optimiser.beta2', label: 'beta 2', note: 'Memory of its square.' },
		],
	},
	{
		title: 'Training',
		settings: [
			{
				path: 'training.accumulationSteps',
				label: 'micro-batches',
				note: 'Gradients added up before each step.',
			},
			{
				path: 'training.maxLength',
				label: 'longest pair',
				note: 'Tokens of prompt and answer; longer ones are cut.',
			},
			{
				path: 'pairs.cutAnswers',
				label: 'cut answers',
				note: 'An answer that reached its longest length. An end token after it teaches the model to stop there.',
				choices: [
					{ id: 'end', label: 'with an end token, as TRL' },
					{ id: 'open', label: 'without an end token, nor after their edits' },
				],
			},
			{
				path: 'training.checkpointEvery',
				label: 'checkpoint every',
				note: 'Steps; 0 means at the end only.',
			},
			{
				path: 'training.evaluateEvery',
				label: 'score every',
				note: 'Steps; 0 means at the end only.',
			},
			{
				path: 'training.activations',
				label: 'activations',
				note: 'Kept for the backward pass; the results are the same. auto: as much as fits.',
				choices: ACTIVATIONS.map((id) => ({ id, label: id })),
			},
			{ path: 'training.seed', label: 'seed', note: 'The order of the pairs.' },
		],
	},
	{
		title: 'Evaluation',
		settings: [
			{
				path: 'evaluation.engine',
				label: 'answering engine',
				note: 'Answers the held-out prompts. Both have the same weights; WebLLM is slower here, but also runs the chat.',
				choices: [
					{ id: 'compute', label: 'the trainer’s engine, many at once' },
					{ id: 'webllm', label: 'WebLLM, one by one' },
				],
			},
			{
				path: 'evaluation.maxTokens',
				label: 'longest answer',
				note: 'Tokens; longer answers are cut.',
			},
			{
				path: 'evaluation.seed',
				label: 'seed',
				note: 'Decides which of the held-out prompts are scored, and the sampled answers.',
			},
		],
	},
];

/** Names of the values in the recipe's paragraph and in the lists below it. */
const COMMON: Readonly<Record<string, string>> = {
	model: 'model',
	begin: 'starts from',
	'prompts.source': 'where the prompts come from',
	'prompts.count': 'prompts',
	'prompts.world': 'world',
	'prompts.families': 'families',
	'sampling.temperature': 'temperature',
	'reviser.endpoint': 'reviser',
	'reviser.model': 'reviser’s model',
	'judge.endpoint': 'judge',
	'judge.model': 'judge’s model',
	'judge.lengthBias': 'judge: bonus per word',
	'judge.noise': 'judge: noise',
	'stronger.endpoint': 'stronger model',
	'stronger.model': 'stronger model’s name',
	'stronger.manner': 'stronger model: manner',
	'stronger.flawed': 'stronger model: share of flawed answers',
	'others.models': 'other models',
	'pairs.method': 'where the pairs come from',
	'pairs.minJaccard': 'words in common, at least',
	'pairs.exclude': 'pairs left out',
	'pairs.set': 'set of pairs',
	'objective.id': 'objective',
	'objective.beta': 'β',
	'objective.parameters': 'parameters of the objective',
	'objective.formula': 'formula',
	'objective.terms': 'terms of the sum',
	'lora.rank': 'rank of the adapter',
	'lora.targetModules': 'target modules',
	'training.steps': 'steps',
	'training.batchPairs': 'pairs per step',
	'evaluation.count': 'held-out prompts',
};
const RARE = new Map(
	SETTINGS.flatMap(({ title, settings }) =>
		settings.map(({ path, label }) => [path, `${title.toLowerCase()}: ${label}`] as const),
	),
);

/** The page's name of a recipe field; the path if the page does not show the field. */
export function nameOf(path: string): string {
	return COMMON[path] ?? RARE.get(path) ?? path;
}

/** A value of the objective's settings in words: "none", "gamma 0.5", "APO-zero, 0.2 SFT". */
export function settingText(value: unknown): string {
	if (value === undefined) return 'none';
	if (Array.isArray(value))
		return (value as ObjectiveTerm[])
			.map(({ id, weight }) => (weight === 1 ? titleOf({ id }) : `${weight} ${titleOf({ id })}`))
			.join(', ');
	if (typeof value === 'string') return value;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	const named = Object.entries(value as Record<string, number>).map(([name, number]) => `${name} ${number}`);
	return named.join(', ') || 'defaults';
}
/** Values of fields that recipes leave out. */
const UNSET = { ...SECTION_DEFAULTS, reviser: { skill: 1 }, pairs: { cutAnswers: 'end' } };

/** The recipe's value at a dotted path; the default for a field that recipes of older versions lack. */
export function valueAt(recipe: Recipe, path: string): string | number {
	const [section = '', field = ''] = path.split('.');
	const [value, standard, ofSection] = [recipe, DEFAULT_RECIPE, UNSET].map(
		(from) => (from as unknown as Record<string, Record<string, string | number>>)[section]?.[field],
	);
	if (field === 'seed') return value ?? recipe.sampling.seed;
	return value ?? standard ?? ofSection ?? '';
}

/** The recipe with another value at a dotted path; the draft checks its range. */
export function withValue(recipe: Recipe, path: string, value: string | number): Recipe {
	const [section = '', field = ''] = path.split('.');
	const before = (recipe as unknown as Record<string, object>)[section];
	const standard = (UNSET as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[section]?.[field];
	// A section holds what differs from its defaults.
	return value === standard
		? withoutField(recipe, path)
		: { ...recipe, [section]: { ...before, [field]: value } };
}

/** The attributes of a number's control: its smallest and largest value, and its step. */
export function controlLimits(path: string): { min?: number; max?: number; step: number | 'any' } {
	const limit = limitOf(path);
	if (limit === undefined) return { step: 'any' };
	const { min, max, integer, orZero } = limit;
	return { min: orZero === true ? 0 : min, max, step: integer === true ? 1 : 'any' };
}
