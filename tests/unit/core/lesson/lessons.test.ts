import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RECORDINGS } from '#app/library/recordings.ts';
import { factsIn, fillFacts, isFact, UNKNOWN, type LessonRun } from '#core/lesson/facts.ts';
import { findLesson, LESSONS } from '#core/lesson/registry.ts';
import { DEFAULT_RECIPE, readRecipe } from '#core/recipe/recipe.ts';
import { readRunFile } from '#core/run/runFile.ts';

const EMPTY: LessonRun = {
	recipe: DEFAULT_RECIPE,
	heldOut: [],
	pairs: [],
	outputs: [],
	metrics: [],
	trails: [],
};

test.each(LESSONS)('$id is complete', (lesson) => {
	expect(LESSONS.filter(({ id }) => id === lesson.id)).toEqual([lesson]);
	expect(findLesson(lesson.id)).toBe(lesson);
	expect(lesson.points.length).toBeGreaterThanOrEqual(5);
	expect(lesson.points.length).toBeLessThanOrEqual(6);
	expect(lesson.minutes).toBeLessThan(15);
	for (const { text } of lesson.points)
		for (const name of factsIn(text)) expect(isFact(name), `{${name}} of “${text}”`).toBe(true);
});

test.each(LESSONS.filter(({ opens }) => opens.kind === 'recipe'))(
	'the recipe of $id can run',
	({ opens }) => {
		if (opens.kind !== 'recipe') return;
		const recipe = opens.recipe(DEFAULT_RECIPE);
		expect(readRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
		expect(recipe).not.toEqual(DEFAULT_RECIPE);
	},
);

test.each(LESSONS.filter(({ opens }) => opens.kind === 'recording'))(
	'the recorded run of $id has every figure that its text names',
	async ({ opens, points }) => {
		const recording = RECORDINGS.find(({ id }) => opens.kind === 'recording' && id === opens.recording);
		const bytes = new Uint8Array(readFileSync(`public/${recording!.file}`));
		const { record } = await readRunFile(bytes, 'recorded');
		for (const { text } of points) {
			const filled = fillFacts(text, record);
			expect(filled).not.toContain(UNKNOWN);
			expect(filled).not.toMatch(/[{}]|NaN|undefined/);
		}
	},
);

test('a run that has nothing yet leaves the figures open', () => {
	const text = LESSONS.flatMap(({ points }) => points.map((point) => point.text)).join('\n');
	expect(fillFacts(text, EMPTY)).not.toMatch(/[{}]|NaN|undefined/);
	expect(fillFacts('{before} to {after}, {nothing}', EMPTY)).toBe(`${UNKNOWN} to ${UNKNOWN}, {nothing}`);
});
