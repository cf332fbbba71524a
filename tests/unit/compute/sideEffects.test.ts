/** Side effects measured with the real engine: the embedded model and a random adapter, on the processor. */
import { expect, test } from 'vitest';
import { PauseGate } from '#app/async/pauseGate.ts';
import { computeAnswerer } from '#app/engines/answerer.ts';
import { EvaluationStep } from '#app/steps/evaluationStep.svelte.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { fetchAnchor } from '#tests/support/anchorPorts.ts';
import { openBackend } from '#tests/support/backends.ts';
import { atOnce, FakeClock, SOURCE } from '#tests/support/fakes.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';

const signal = new AbortController().signal;
const RECIPE: Recipe = {
	...DEFAULT_RECIPE,
	prompts: { ...DEFAULT_RECIPE.prompts, world: 'instructions' },
	evaluation: { ...DEFAULT_RECIPE.evaluation, count: 2, maxTokens: 8 },
};

test('the base model finds its own answers more likely than those of another adapter', async () => {
	const engine = new LocalComputeEngine({
		kernelStore: memoryKernelStore(),
		openDevice: () => openBackend('wasm'),
		loadFiles: (...request) => loadModelFiles(...request, { fetch: fetchAnchor }),
	});
	const source = { ...SOURCE, url: 'https://models.test/anchor-1m/' };
	const adapter = randomAdapter(await engine.load(source, () => undefined, signal), 4, 1, 0.1);
	const evaluation = new EvaluationStep(() => RECIPE, engine, { clock: new FakeClock(), frame: atOnce });
	const { sideEffects } = evaluation;
	const how = { answerer: computeAnswerer(engine), gate: new PauseGate(), signal };
	for (const part of sideEffects.missing(0)) await sideEffects.measure(part, { ...how, adapter: null });
	for (const part of sideEffects.missing(1)) await sideEffects.measure(part, { ...how, adapter });

	expect(sideEffects.untouched.map(({ answers }) => answers.length)).toEqual([1, 1]);
	const { panel } = sideEffects.report ?? {};
	expect(panel?.n).toBe(20);
	expect(panel?.changed).toBeGreaterThan(0.5);
	expect(panel?.fluency.base).toBeLessThan(0);
	expect(panel?.fluency.tuned).toBeLessThan((panel?.fluency.base ?? 0) - 0.5);
	await engine.dispose();
});
