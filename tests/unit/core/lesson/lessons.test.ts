import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RECORDINGS, recordingOf } from '#app/library/recordings.ts';
import { factsIn, fillFacts, isFact, UNKNOWN, type RunFacts } from '#core/lesson/facts.ts';
import { runOfPoint } from '#core/lesson/lesson.ts';
import { findLesson, LESSONS } from '#core/lesson/registry.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { RUNS } from '../../../../scripts/recordings.ts';

const EMPTY: RunFacts = {
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
	const shown = lesson.points.map((point) => runOfPoint(lesson, point));
	expect([...new Set(shown)].sort()).toEqual(lesson.runs.map(({ recording }) => recording).sort());
	for (const { text } of lesson.points) {
		expect(text).not.toMatch(/NaN|undefined|–/);
		for (const name of factsIn(text)) expect(isFact(name), `{${name}} of “${text}”`).toBe(true);
	}
});

test.each(RECORDINGS)('$id has everything that the views and the lessons show', async (recording) => {
	const path = `public/${recording.file}`;
	expect(Math.round(statSync(path).size / 1e5) / 10).toBeCloseTo(recording.megabytes, 1);
	const { record, parent, mended } = await readRunFile(new Uint8Array(readFileSync(path)), recording.id);
	expect(mended).toEqual([]);
	expect(record.phase).toBe('done');
	expect(record.norms?.length).toBeGreaterThan(0);
	expect(record.tokens?.map(({ id }) => id)).toEqual(record.pairs.map(({ id }) => id));
	expect(record.plan?.completionTokens?.chosen).toHaveLength(record.pairs.length);
	expect(record.heldOut.every(({ mode, drift }) => mode === 'sampled' || drift !== undefined)).toBe(true);
	expect(parent !== undefined).toBe(record.recipe.begin !== undefined);
	for (const lesson of LESSONS)
		for (const point of lesson.points.filter((one) => runOfPoint(lesson, one) === recording.id)) {
			const filled = fillFacts(point.text, record);
			expect(filled).not.toContain(UNKNOWN);
			expect(filled).not.toMatch(/[{}]|NaN|undefined/);
		}
});

test('each recording is a run of the lab, and a recording without an id is an error that names it', () => {
	expect(Object.keys(RUNS)).toEqual(RECORDINGS.map(({ id }) => id));
	expect(() => recordingOf('nothing')).toThrow('nothing');
});

test('a run that has nothing yet leaves the figures open, and so does no run', () => {
	const text = LESSONS.flatMap(({ points }) => points.map((point) => point.text)).join('\n');
	expect(fillFacts(text, EMPTY)).not.toMatch(/[{}]|NaN|undefined/);
	expect(fillFacts('{before} to {after}, {nothing}', EMPTY)).toBe(`${UNKNOWN} to ${UNKNOWN}, {nothing}`);
	expect(fillFacts('{pairs}, {nothing}', null)).toBe(`${UNKNOWN}, {nothing}`);
});
