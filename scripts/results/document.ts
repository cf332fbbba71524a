/** docs/results.md: the results of the preference lab in words and tables, each number of them from the file of results. */
import { percent } from '#core/text/numbers.ts';
import { byJudge, chapterOfCredit, chapterOfScore, chapterOfWorse, wrongTool } from './questions.ts';
import { brokenRuns, cellOf, comparisonOf, over, type LabCell, type LabResults } from './labResults.ts';
import { comparisonTable, pairTable, runScore, scoreTable, seedTable } from './tables.ts';

const METHODS = [
	'clair apo_zero',
	'on_policy good judge',
	'on_policy biased judge',
	'on_policy long judge',
	'off_policy biased judge',
	'stronger own manner',
	'stronger foreign manner',
];
const JUDGES = ['on_policy good judge', 'on_policy biased judge', 'on_policy long judge'];
const OBJECTIVE_CELLS = ['clair apo_zero', 'clair own objective', 'clair dpo', 'clair apo_down'];
const MANNERS = ['stronger own manner', 'stronger foreign manner'];
const SKILLS = ['0.5', '0.75'];
const OBJECTIVES = ['apo_zero', 'apo_down', 'dpo'];

/** The document; ends with a line break. */
export function resultsDocument(results: LabResults): string {
	return [
		'# Results of the preference lab',
		'`node scripts/results.ts` writes this document from [grids/lab.results.json](grids/lab.results.json). No number in it is typed by hand.',
		...theGrid(results),
		'## The four questions',
		...chapterOfScore(results),
		...wrongTool(results),
		...chapterOfCredit(results),
		...chapterOfWorse(results),
		...theMethods(results),
		...theManners(results),
		...theSkills(results),
		...theObjectives(results),
		'## All cells',
		pairTable(results),
		scoreTable(results),
		READING,
		...broken(results),
	]
		.join('\n\n')
		.concat('\n');
}

const READING = `Means over the seeds. “Winner / loser” are the two sides of the pairs, by the world’s rubric and in words. “Credit on edits” is the share of the token credit, by size, that is on edited tokens, and “edited tokens” is their share of all tokens. “Words” and “repeats” are the length of the greedy held-out answers after training and the share of them that repeats itself. “Broken” counts the runs with a sign of a broken model, listed below.`;

function theGrid({ made, machine, recipe, seeds, planned, cells, versions }: LabResults): string[] {
	const done = cells.reduce((sum, { runs }) => sum + runs.length, 0);
	const days = made.first === made.last ? made.first : `${made.first} to ${made.last}`;
	const seconds = cells.flatMap(({ runs }) => runs.map((run) => run.seconds)).sort((a, b) => a - b);
	const median = seconds[Math.floor(seconds.length / 2)] ?? NaN;
	return [
		'## The grid',
		`${cells.length} cells with ${seeds.length} seeds each (${seeds.join(', ')}): ${done === planned ? `all ${planned} runs are done` : `${done} of ${planned} runs are done so far`}. A seed sets the prompts, the samples, the order of the pairs and the start of the adapter; the ${recipe.heldOut} held-out prompts stay the same. All cells share the default recipe: ${recipe.prompts} prompts of the tiny world for the embedded model \`${recipe.model}\`, β ${recipe.beta}, rank ${recipe.rank} on all seven projections, learning rate ${recipe.learningRate}, ${recipe.steps} steps of ${recipe.batchPairs} pairs. [grids/lab.json](grids/lab.json) names the settings in which they differ. Scores are those of the world’s rubric, in [0, 1].`,
		`Made on ${days} with Anchorage ${versions['anchorage'] ?? ''} in headless Chromium, ${deviceWords(machine.backend)}: ${machine.processor}, ${machine.cores} cores that were also doing other work. Half of the runs took less than ${median} seconds. To repeat them:`,
		'```\nnpm run ablate docs/grids/lab.json -- --no-webgpu --out FOLDER\nnode scripts/results.ts FOLDER\n```',
		'Intervals are 95% bootstraps over seeds and prompts, both drawn with replacement; differences are paired by seed and prompt; p is corrected by Holm among all comparisons that the grid names. A statement holds if the interval of its difference excludes 0.',
	];
}

const deviceWords = (backend: string): string =>
	backend === 'wasm' ? 'on the processor (wasm, no GPU)' : `with ${backend}`;

function theMethods(results: LabResults): string[] {
	return [
		'## Four data methods, the same prompts',
		`All with APO-zero. The judges differ in their settings: ${JUDGES.filter((name) => hasCell(results, name))
			.map((name) => `“${name}” has ${judgeSettings(results, name)}`)
			.join(', ')}. The off-policy cell has the default judge.`,
		scoreTable(results, METHODS),
		comparisonTable(
			results,
			METHODS.slice(1).map((name) => [METHODS[0] ?? '', name] as const),
		),
		byJudge(results, METHODS),
	];
}

const hasCell = ({ cells }: LabResults, wanted: string): boolean => cells.some(({ name }) => name === wanted);

function judgeSettings(results: LabResults, name: string): string {
	const { settings } = cellOf(results, name);
	const faults = settings.filter((setting) => setting.startsWith('judge.'));
	return faults.map((setting) => `\`${setting}\``).join(' and ');
}

function theManners(results: LabResults): string[] {
	const [own = '', foreign = ''] = MANNERS;
	return [
		'## Stronger preferred, in two manners',
		'The same right answers, once in the manner of the model and once in another accepted manner.',
		comparisonTable(results, [
			['clair apo_zero', own],
			['clair apo_zero', foreign],
			[own, foreign],
		]),
		seedTable(results, MANNERS, 'greedy score after', runScore('greedy')),
	];
}

function theSkills(results: LabResults): string[] {
	const cells = SKILLS.flatMap((skill) => OBJECTIVES.map((objective) => `skill ${skill} ${objective}`));
	const pairs = SKILLS.flatMap((skill) =>
		OBJECTIVES.slice(1).map(
			(objective) => [`skill ${skill} apo_zero`, `skill ${skill} ${objective}`] as const,
		),
	);
	const above = pairs.filter(([a, b]) => comparisonOf(results, a, b).difference.low > 0);
	return [
		'## A reviser that mends only a share of the flaws',
		'`reviser.skill` is the share of flaws that the embedded reviser mends, so that winners are better than losers and not perfect.',
		`The objectives part in ${above.length} of ${pairs.length} comparisons: APO-zero is above the other one, clear of 0${above.length === pairs.length ? '' : `, in ${above.map((pair) => pair.join(' − ')).join('; ')}`}.`,
		comparisonTable(results, pairs),
		seedTable(results, cells, 'greedy score after', runScore('greedy')),
	];
}

function theObjectives(results: LabResults): string[] {
	return [
		'## Objectives on the same CLAIR pairs',
		'“clair own objective” trains on a formula in the place of a registered objective: DPO with a term against a falling chosen answer.',
		scoreTable(results, OBJECTIVE_CELLS),
		comparisonTable(
			results,
			OBJECTIVE_CELLS.flatMap((a) => OBJECTIVE_CELLS.map((b) => [a, b] as const)),
		),
	];
}

/** The signs of a broken model, by cell and seed. */
function broken({ cells }: LabResults): string[] {
	const marked = cells.filter((cell) => brokenRuns(cell).length > 0);
	return [
		'## Broken models',
		marked.length === 0
			? 'No run shows a sign of a broken model.'
			: 'A low score of these cells means less than it seems: the model no longer answers badly, it hardly answers.',
		...(marked.length === 0 ? [] : [marked.map(markedText).join('\n')]),
	];
}

function markedText(cell: LabCell): string {
	const repeats = percent(over(cell, ({ answers }) => answers.after.repeats));
	const signs = brokenRuns(cell).map(({ seed, marks }) => `seed ${seed}: ${marks.join('; ')}`);
	return `- **${cell.name}**, ${brokenRuns(cell).length} of ${cell.runs.length} seeds, ${repeats} of the greedy answers repeat themselves in the mean. ${signs.join('. ')}.`;
}
