import { describe, expect, test } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { objectiveOf, registerObjective } from '#core/loss/objectives/registry.ts';
import { publicAddress } from '#core/recipe/endpoint.ts';
import { DEFAULT_RECIPE, readRecipe, withSeed } from '#core/recipe/recipe.ts';

/** The default recipe with one field replaced, by its dotted path. */
function changed(path: string, value: unknown): unknown {
	const copy = structuredClone(DEFAULT_RECIPE) as unknown as Record<string, unknown>;
	const names = path.split('.');
	const last = names.pop() ?? '';
	let holder = copy;
	for (const name of names) holder = holder[name] as Record<string, unknown>;
	holder[last] = value;
	return copy;
}

test('the default recipe reads back from its JSON', () => {
	expect(readRecipe(JSON.parse(JSON.stringify(DEFAULT_RECIPE)))).toEqual(DEFAULT_RECIPE);
	expect(DEFAULT_RECIPE.objective).not.toHaveProperty('parameters');
});

describe('a wrong field is named', () => {
	test.each([
		['schema', 2],
		['model', ''],
		['prompts.source', 'internet'],
		['prompts.count', 0],
		['prompts.seed', -1],
		['sampling.temperature', 3],
		['sampling.topP', 0],
		['reviser.concurrency', 65],
		['pairs.method', 'judge'],
		['pairs.minJaccard', 1.1],
		['objective.id', 'ppo'],
		['objective.beta', 0],
		['lora.rank', 1.5],
		['lora.targetModules', []],
		['optimiser.learningRate', NaN],
		['optimiser.beta2', 1],
		['training.steps', '100'],
		['evaluation.count', -1],
	])('%s = %j', (path, value) => {
		expect(() => readRecipe(changed(path, value))).toThrow(FormatError);
		expect(() => readRecipe(changed(path, value))).toThrow(expect.objectContaining({ context: { path } }));
	});

	test('an own endpoint without address or model', () => {
		const at = (endpoint: string, model: string) => () =>
			readRecipe({ ...DEFAULT_RECIPE, reviser: { ...DEFAULT_RECIPE.reviser, endpoint, model } });
		expect(at('localhost:8080', 'm')).toThrow(/reviser\.endpoint.*whole base URL/);
		expect(at('http://localhost:8080/v1', ' ')).toThrow(/reviser\.model.*name of a model/);
		expect(at('http://localhost:8080/v1', 'm')).not.toThrow();
	});

	test('a second model without a name', () => {
		const second = (model: string) => () =>
			readRecipe({ ...DEFAULT_RECIPE, reviser: { ...DEFAULT_RECIPE.reviser, endpoint: 'local', model } });
		expect(second('')).toThrow(/reviser\.model.*name a second model/);
		expect(second('Qwen2.5-1.5B-Instruct')().reviser).toMatchObject({ endpoint: 'local' });
		expect(second('owner/name@0123:Q8_0')().reviser.model).toBe('owner/name@0123:Q8_0');
	});

	test('an objective that is not registered, with those that are', () => {
		const named = changed('objective.id', 'recipe_test');
		expect(() => readRecipe(named)).toThrow(/objective\.id.*choose one of apo_zero, apo_down, dpo, kto/);
		registerObjective({ ...objectiveOf('dpo'), id: 'recipe_test' });
		expect(readRecipe(named).objective.id).toBe('recipe_test');
	});

	test('a parameter that the objective does not have, or outside its range', () => {
		const epsilon = { default: 0.1, min: 0, max: 0.4, meaning: 'a share' };
		registerObjective({
			...objectiveOf('dpo'),
			id: 'parameter_test',
			loss: '-epsilon*log_sigma(r_w - r_l)',
			parameters: { epsilon },
		});
		const named = (parameters: unknown, id = 'parameter_test') => ({
			...DEFAULT_RECIPE,
			objective: { id, beta: 1, parameters },
		});
		for (const parameters of [{}, { epsilon: 0 }, { epsilon: 0.4 }])
			expect(readRecipe(named(parameters)).objective.parameters).toEqual(parameters);
		const refused = (json: unknown, message: string): void => {
			expect(() => readRecipe(json)).toThrow(message);
		};
		refused(
			named({ tau: 1 }),
			'objective.parameters.tau is not usable: parameter_test has no parameter "tau"; known are epsilon.',
		);
		refused(named({ epsilon: 1 }, 'dpo'), 'dpo has no parameter "epsilon"; it has none.');
		refused(named({ toString: 1 }), 'parameter_test has no parameter "toString"; known are epsilon.');
		for (const epsilon of [0.5, -0.1])
			refused(
				named({ epsilon }),
				'objective.parameters.epsilon is not usable: choose a number between 0 and 0.4.',
			);
		refused(named({ epsilon: 1e-60 }), 'epsilon is not usable: choose 0, or a number above 1e-30.');
		for (const epsilon of [NaN, Infinity, '0.1'])
			refused(named({ epsilon }), 'objective.parameters.epsilon is not usable: ');
		refused(named({ epsilon: 0.1 }, 'ppo'), 'objective.id is not usable: did you mean dpo? Choose one of');
	});

	test('an unknown field too: a key has no place in a recipe', () => {
		expect(() => readRecipe(changed('reviser.apiKey', 'secret'))).toThrow(/reviser\.apiKey/);
		expect(() => readRecipe(null)).toThrow(/\(the whole recipe\)/);
	});
});

test('another seed changes every draw except the held-out prompts', () => {
	const seeded = withSeed(DEFAULT_RECIPE, 7);
	expect([
		seeded.prompts.seed,
		seeded.sampling.seed,
		seeded.reviser.seed,
		seeded.lora.seed,
		seeded.training.seed,
	]).toEqual([7, 7, 7, 7, 7]);
	expect(seeded.evaluation).toEqual(DEFAULT_RECIPE.evaluation);
});

test('an address loses the parts that can hold a key, and nothing else', () => {
	expect(publicAddress(' https://me:secret@api.example.org/v1/?key=secret#secret ')).toBe(
		'https://api.example.org/v1/',
	);
	for (const address of ['http://localhost:8080/v1', 'https://api.example.org/v1/', 'embedded', 'nonsense'])
		expect(publicAddress(address)).toBe(address);
	const endpoint = 'https://api.example.org/v1?api_key=secret';
	const read = readRecipe({
		...DEFAULT_RECIPE,
		reviser: { ...DEFAULT_RECIPE.reviser, endpoint, model: 'm' },
	});
	expect(JSON.stringify(read)).not.toContain('secret');
});
