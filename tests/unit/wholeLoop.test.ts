/**
 * The whole loop on a random model with SmolLM2's widths and vocabulary, in the page's own state: a GGUF file is looked at and
 * kept, the model answers, the reviser revises, the adapter trains, held-out prompts are scored, the adapter is exported.
 */
import { exportSourceOf } from '#app/run/exportSource.ts';
import { expect, test } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { exportedAdapter } from '#tests/support/exportedAdapter.ts';
import { realPorts } from '#tests/support/realPorts.ts';
import { smolWidthsGguf } from '#tests/support/smolWidths.ts';
import { Caches } from './runtime/models/caches.ts';
import { readPair } from '#tests/support/readPair.ts';

const STEPS = 2;

const recipeFor = (model: string): Recipe => ({
	...DEFAULT_RECIPE,
	model,
	prompts: { ...DEFAULT_RECIPE.prompts, count: 4 },
	sampling: { ...DEFAULT_RECIPE.sampling, maxTokens: 4 },
	optimiser: { ...DEFAULT_RECIPE.optimiser, learningRate: 1e-3, schedule: 'constant', warmupSteps: 0 },
	training: { ...DEFAULT_RECIPE.training, steps: STEPS, batchPairs: 1, checkpointEvery: 0, evaluateEvery: 0 },
	evaluation: { ...DEFAULT_RECIPE.evaluation, count: 2, maxTokens: 4 },
});

test('a random model with SmolLM2’s widths goes through the whole loop', { timeout: 300_000 }, async () => {
	const { ports, dispose } = realPorts(openFileCache(new Caches()));
	const session = new Session(ports);
	await session.start();
	const file = new Blob([smolWidthsGguf()]);
	await session.models.look({ kind: 'disk', files: [{ path: 'random-F16.gguf', file }] });
	expect(session.models.looked?.inspection).toMatchObject({
		refusal: null,
		config: { hiddenSize: 576, intermediateSize: 1536, heads: 9, kvHeads: 3, vocabSize: 49_152 },
	});
	await session.models.add();
	expect(session.models.error).toBeNull();
	session.draft.load(recipeFor(session.draft.recipe.model));
	expect(session.obstacle).toBeNull();

	await session.startRun();

	const { run, steps } = session;
	expect(run.failure).toBeNull();
	expect(steps.output.outputs).toHaveLength(4);
	expect(steps.pair.pairs.length).toBeGreaterThan(0);
	const losses = steps.loss.history.map(({ loss }) => loss);
	expect(losses).toHaveLength(STEPS);
	expect(losses[0]).toBeCloseTo(1, 6);
	expect(losses.at(-1)).toBeLessThan(1);
	expect(steps.evaluation.results.map(({ mode, step }) => `${mode} ${step}`)).toEqual([
		...['greedy 0', 'sampled 0'],
		...[`greedy ${STEPS}`, `sampled ${STEPS}`],
	]);
	const source = exportSourceOf(session.run);
	if (source === null) throw new Error('nothing to export');
	const { adapter } = await exportedAdapter(source);
	expect(adapter.matrices).toHaveLength(2 * 7);
	expect(adapter.matrices.every(({ loraB }) => loraB.some((value) => value !== 0))).toBe(true);

	const tuned = steps.evaluation.results.filter(({ step }) => step === STEPS);
	const [pair] = steps.pair.pairs;
	const baseLogps = () => readPair(session.engines.compute, pair!, null);
	const base = await baseLogps();
	await session.anotherRound();
	await session.startRun();

	expect(session.run.failure).toBeNull();
	expect(session.run.ancestry).toMatchObject([{ name: run.name, step: STEPS }]);
	// Training starts where the first round ended: its score before is the first round's after, answer by answer.
	const before = session.steps.evaluation.results.filter(({ step }) => step === 0);
	expect(before.map(({ answers }) => answers)).toEqual(tuned.map(({ answers }) => answers));
	expect(session.steps.loss.history[0]?.loss).toBeCloseTo(1, 6);
	// The base's own weights were not touched.
	expect(await baseLogps()).toEqual(base);
	await dispose();
});
