import { globSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RECORDINGS, recordingOf } from '#app/library/recordings.ts';
import { factsIn, fillFacts, isFact, UNKNOWN, type RunFacts } from '#core/lesson/facts.ts';
import results from '#core/lesson/lab/results.json' with { type: 'json' };
import { isRegionOf, runOfPoint } from '#core/lesson/lesson.ts';
import { pairByRule } from '#core/lesson/pairRules.ts';
import { findLesson, LESSONS } from '#core/lesson/registry.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { RUNS } from '../../../../scripts/recordings.ts';

const EMPTY: RunFacts = {
	recipe: DEFAULT_RECIPE,
	heldOut: [],
	pairs: [],
	outputs: [],
	revisions: [],
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
			if (point.pair !== undefined) expect(pairByRule(point.pair, record)).not.toBeNull();
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

/** Folders of each view's regions. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = { revision: ['revision', 'judgement'] };

/** Titles of the regions in a view's source; `Pair 1` stands for a title with a number. */
function titlesOf(view: string): string[] {
	const sources = [...(FOLDERS[view] ?? [view]), ...(view === 'loss' ? ['overview'] : [])]
		.flatMap((folder) => globSync(`src/ui/views/${folder}/**/*.svelte`))
		.map((path) => readFileSync(path, 'utf8'));
	return sources.flatMap((source) =>
		[...source.matchAll(/<Region\s+(?:fill\s+)?title=(?:"([^"]*)"|\{([^}]*)\})/g)].flatMap(
			([, text, expression]) =>
				text === undefined
					? [...(expression ?? '').matchAll(/'([^']*)'/g)].map(([, one = '']) => one)
					: [text.replace(/\{.*\}/, '1')],
		),
	);
}

test.each(LESSONS)('each point of $id names a region that its view has', ({ points }) => {
	for (const point of points) {
		const titles = titlesOf(point.view);
		expect(titles.length, point.view).toBeGreaterThan(1);
		expect(
			titles.some((title) => isRegionOf(point, title)),
			`“${point.region}” in ${point.view}: ${titles.join(', ')}`,
		).toBe(true);
	}
});

test('a region with a number is found by its name, and no other', () => {
	expect(isRegionOf({ region: 'Pair' }, 'Pair 84')).toBe(true);
	expect(isRegionOf({ region: 'Pair' }, 'Pairs')).toBe(false);
	expect(isRegionOf({ region: 'Pair' }, 'Pair by pair')).toBe(false);
	expect(isRegionOf({ region: 'Loss' }, 'Loss')).toBe(true);
});

async function recorded(id: string) {
	const bytes = new Uint8Array(readFileSync(`public/${recordingOf(id).file}`));
	return (await readRunFile(bytes, id)).record;
}

test('in the DPO run the selected pair has the lowest of the last chosen rewards, below 0', async () => {
	const run = await recorded('recorded-dpo');
	const last = Object.fromEntries(run.trails.map((point) => [point.pairId, point.chosen]));
	const id = pairByRule('chosenFellMost', run);
	expect(last[id ?? '']).toBe(Math.min(...Object.values(last)));
	expect(last[id ?? '']).toBeLessThan(0);
	expect(fillFacts('{chosenFell}, pair {fallenPair}: {fallenChosen} and {fallenRejected}', run)).toBe(
		'78 of 289, pair 84: −7.30 and −12.91',
	);
	expect(pairByRule('chosenFellMost', EMPTY)).toBeNull();
});

test('the rewards, the loss and the kept words are those of the charts', async () => {
	const run = await recorded('recorded');
	expect(fillFacts('{chosenReward} {rejectedReward} {lastLoss} {wordsKept}', run)).toBe(
		'+1.12 −6.13 0.28 0.65',
	);
	expect(fillFacts('{chosenReward}', await recorded('recorded-apo-down'))).toBe('−11.31');
});

test('the change by worse winners is shown where its interval excludes 0', async () => {
	const point = findLesson('wrong-tool')?.points.at(-1);
	expect(point?.decoding).toBe('sampled');
	const filled = fillFacts(point?.text ?? '', await recorded('recorded-worse-winners'));
	expect(filled).toContain('from 0.80 to 0.71: −0.09, 95% interval −0.12 to −0.06; ');
	expect(filled).toContain('changed by −0.02, 95% interval −0.04 to +0.01. ');
});

test('the pair of the judge of length is longer and worse', async () => {
	const run = await recorded('recorded-long-judge');
	const pair = run.pairs.find(({ id }) => id === pairByRule('longerButWorse', run));
	expect(pair).toMatchObject({ rejected: '12 + 41 = 1241.', chosen: '12 + 41 = 1241. Hope this helps.' });
	expect(fillFacts('{longerPair}', run)).toBe('9');
});

test('the two seeds of the lesson on chance are the first two of the grid', async () => {
	for (const [i, id] of ['recorded', 'recorded-seed-2'].entries()) {
		const greedy = (await recorded(id)).heldOut.filter(({ mode }) => mode === 'greedy');
		const after = greedy.sort((a, b) => a.step - b.step).at(-1);
		expect(after?.estimate.score).toBeCloseTo(results.cells['clair apo_zero'].scores[i] ?? NaN, 3);
	}
});
