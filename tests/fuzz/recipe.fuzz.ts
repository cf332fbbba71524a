/** Recipes from files and links: read as they were written, or refused with code and hint. */
import * as fc from 'fast-check';
import { AppError } from '#core/errors.ts';
import { jsonFaultPlace } from '#core/format/jsonPlace.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';
import { readRecipeFile } from '#core/recipe/file.ts';
import { limitOf } from '#core/recipe/limits.ts';
import { readRecipeLink, recipeLink } from '#core/recipe/link.ts';
import { DEFAULT_RECIPE, readRecipe } from '#core/recipe/recipe.ts';
import { target, type FuzzTarget } from './target.ts';

const NUMBERS = Object.entries(DEFAULT_RECIPE).flatMap(([section, value]) =>
	typeof value === 'object'
		? Object.entries(value).flatMap(([field, inner]) =>
				typeof inner === 'number' ? [[section, field] as const] : [],
			)
		: [],
);

/** The adapter that a recipe begins from, mostly damaged. */
const begin = fc.oneof(
	fc.record({
		run: fc.string({ maxLength: 220 }),
		name: fc.string({ maxLength: 220 }),
		sha256: fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), fc.string()),
	}),
	fc.jsonValue(),
);

/** A recipe whose values are replaced at some places. */
const changed = fc
	.tuple(
		fc.constantFrom(...NUMBERS),
		fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1e-60, 1e308, -0, 2 ** 31), fc.jsonValue()),
	)
	.map(([[section, field], value]) => ({
		...DEFAULT_RECIPE,
		[section]: { ...(DEFAULT_RECIPE as unknown as Record<string, object>)[section], [field]: value },
	}));

function expectRefusal(error: unknown): void {
	if (error instanceof AppError && error.code !== 'unexpected' && error.hint !== '') return;
	throw new Error('refused without code or hint', { cause: error });
}

const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, -1, 1e-60, 1e308, 0.1));
const text = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 40 }),
	fc
		.array(
			fc.constantFrom('r_w', 'r_l', 'sigma(', 'gamma', '(', ')', '+', '-', '/', '^', '0', '1e308', ','),
			{
				maxLength: 20,
			},
		)
		.map((words) => words.join('')),
);
const id = fc.oneof(
	fc.constantFrom('formula', 'sum', 'apo_zero', 'sft', '__proto__', 'toString'),
	fc.string(),
);
const parameters = fc.dictionary(
	fc.oneof(fc.constantFrom('gamma', 'tau', '__proto__'), fc.string()),
	number,
	{
		maxKeys: 3,
	},
);
/** A recipe whose objective has fields of every form. */
const otherObjective = fc
	.record(
		{
			id,
			beta: fc.constantFrom(1, 0.1, 0),
			formula: text,
			parameters,
			terms: fc.array(fc.record({ id, weight: number, parameters }, { requiredKeys: ['id', 'weight'] }), {
				maxLength: 10,
			}),
		},
		{ requiredKeys: ['id', 'beta'] },
	)
	.map((objective) => ({ ...DEFAULT_RECIPE, objective }));

/** Texts that are almost JSON. */
const nearJson = fc
	.tuple(
		fc.json({ stringUnit: 'binary' }),
		fc.nat(),
		fc.constantFrom('', ',', '"', '}', ']', ':', '\\', '\u0000', 'x', ' '),
	)
	.map(([text, at, mark]) => {
		const place = at % (text.length + 1);
		return text.slice(0, place) + mark + text.slice(place + (mark === '' ? 1 : 0));
	});

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

export const targets: FuzzTarget[] = [
	target('jsonFaultPlace', fc.oneof(nearJson, fc.string({ unit: 'binary' })), (text) => {
		const fault = jsonFaultPlace(text);
		if ((fault === null) !== isJson(text)) throw new Error('disagrees with JSON.parse');
		if (fault === null) return;
		const line = text.split(/\r\n|\r|\n/)[fault.line - 1];
		if (line === undefined || fault.column < 1 || fault.column > line.length + 1)
			throw new Error('lies outside the text');
	}),
	target(
		'readRecipe',
		fc.oneof(
			changed,
			begin.map((value) => ({ ...DEFAULT_RECIPE, begin: value })),
			fc.jsonValue(),
		),
		(json) => {
			try {
				const recipe = readRecipe(json);
				for (const [section, field] of NUMBERS) {
					const value =
						(recipe as unknown as Record<string, Record<string, number>>)[section]?.[field] ?? NaN;
					const limit = limitOf(`${section}.${field}`);
					if (limit === undefined || !Number.isFinite(Math.fround(value)))
						throw new Error(`${section}.${field} = ${value}`);
					if (value !== 0 && Math.fround(value) === 0) throw new Error(`${section}.${field} vanishes`);
				}
				if (JSON.stringify(readRecipe(recipe)) !== JSON.stringify(recipe))
					throw new Error('reads differently again');
			} catch (error) {
				expectRefusal(error);
			}
		},
	),
	target('the objective of a recipe', otherObjective, (json) => {
		try {
			const { objective } = readRecipe(json);
			if (typeof objectiveFor(objective).lossOf(valuesAtRewards(0.5, -0.5)) !== 'number')
				throw new Error('has no loss');
			if (
				JSON.stringify(readRecipe({ ...DEFAULT_RECIPE, objective }).objective) !== JSON.stringify(objective)
			)
				throw new Error('reads differently again');
		} catch (error) {
			expectRefusal(error);
		}
	}),
	target(
		'readRecipeFile',
		fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			fc.oneof(fc.json(), fc.string({ unit: 'grapheme' })).map((text) => new TextEncoder().encode(text)),
			changed.map((json) => new TextEncoder().encode(JSON.stringify(json))),
		),
		(bytes) => {
			try {
				readRecipeFile('any.json', bytes);
			} catch (error) {
				expectRefusal(error);
			}
		},
	),
	target(
		'readRecipeLink',
		fc.oneof(
			fc.string().map((text) => `#recipe=${text}`),
			fc.base64String().map((text) => `#recipe=${text}`),
		),
		async (fragment) => {
			try {
				await readRecipeLink(fragment);
			} catch (error) {
				expectRefusal(error);
			}
		},
	),
	target('recipeLink round trip', changed, async (json) => {
		let recipe;
		try {
			recipe = readRecipe(json);
		} catch {
			return;
		}
		const read = await readRecipeLink(new URL(await recipeLink(recipe, 'http://localhost/')).hash);
		if (JSON.stringify(read) !== JSON.stringify(recipe)) throw new Error('the link reads differently');
	}),
];
