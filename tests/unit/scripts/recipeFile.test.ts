import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { readRecipeFile } from '../../../scripts/recipe-file.mjs';

const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
	const path = join(folder, 'recipe.json');
	writeFileSync(path, content);
	return path;
}

describe('a recipe file', () => {
	it('is read as it was written', async () => {
		expect(await readRecipeFile(file(JSON.stringify(DEFAULT_RECIPE)))).toEqual({
			recipe: DEFAULT_RECIPE,
			filled: [],
		});
	});

	it('may be short; the fields that came from the default recipe are listed', async () => {
		const short = { objective: { id: 'dpo' }, training: { steps: 50 } };
		const { recipe, filled } = await readRecipeFile(file(JSON.stringify(short)));
		expect(recipe).toEqual({
			...DEFAULT_RECIPE,
			objective: { id: 'dpo', beta: 1 },
			training: { ...DEFAULT_RECIPE.training, steps: 50 },
		});
		expect(filled).toContain('prompts');
		expect(filled).toContain('objective.beta');
		expect(filled).toContain('training.seed');
		expect(filled).not.toContain('training.steps');
	});

	it('names the field that is wrong', async () => {
		const beta = { ...DEFAULT_RECIPE, objective: { id: 'dpo', beta: -1 } };
		await expect(readRecipeFile(file(JSON.stringify(beta)))).rejects.toThrow('objective.beta');
		const steps = { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, steps: 'many' } };
		await expect(readRecipeFile(file(JSON.stringify(steps)))).rejects.toThrow('training.steps');
		const more = { ...DEFAULT_RECIPE, apiKey: 'secret' };
		await expect(readRecipeFile(file(JSON.stringify(more)))).rejects.toThrow('apiKey');
	});

	it('says which file is not JSON or not there', async () => {
		await expect(readRecipeFile(file('{'))).rejects.toThrow('recipe.json is not JSON');
		await expect(readRecipeFile(join(folder, 'none.json'))).rejects.toThrow(/There is no file .*none\.json/);
	});
});
