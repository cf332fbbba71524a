/** Data methods are records: a new method needs one record in its own file, and its registration. */
import { beforeAll, describe, expect, test } from 'vitest';
import { PauseGate } from '#app/async/pauseGate.ts';
import { shortRecipe } from '#app/recipe/recipeDraft.svelte.ts';
import { OutputStep } from '#app/steps/outputStep.svelte.ts';
import { PairStep } from '#app/steps/pairStep.svelte.ts';
import { RevisionStep } from '#app/steps/revisionStep.svelte.ts';
import { plain } from '#app/steps/stepSummary.ts';
import { AppError, FormatError } from '#core/errors.ts';
import { listMethods, methodOf, registerMethod } from '#core/pair/methods/registry.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { readRunFile, writeRunFile } from '#core/run/runFile.ts';
import { readRecipe, type Recipe } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { FakeClock, FakeTarget, SMALL } from '#tests/support/fakes.ts';
import { fakeReply } from '#tests/support/fakeCompute.ts';
import { importedData } from '#tests/support/importedData.ts';
import { longestOfTwo } from '#tests/support/longestOfTwo.ts';
import { runRecord } from '#tests/support/runs.ts';

const LONGEST: Recipe = { ...SMALL, pairs: { ...SMALL.pairs, method: longestOfTwo.id } };
const recipe = (): Recipe => LONGEST;

test('an unknown method is refused with the known ones', () => {
	expect(() => readRecipe(LONGEST)).toThrow(FormatError);
	expect(() => readRecipe(LONGEST)).toThrow(
		'The recipe\'s pairs.method is not usable: there is no data method "longest_of_two"; known are clair, on_policy_judge, off_policy_judge, stronger_preferred, imported.',
	);
	expect(() => methodOf('longest_of_two')).toThrow(AppError);
	const stored = JSON.stringify({ ...runRecord('a'), recipe: LONGEST });
	expect(() => readStoredRun(stored, 'Sunday')).toThrow(/known are clair, on_policy_judge/);
	expect(shortRecipe(LONGEST)).toMatch(/^longest_of_two, /);
});

describe('a registered method', () => {
	beforeAll(() => registerMethod(longestOfTwo));
	const prompts = worldPrompts({ count: 3, seed: 1, split: 'train' });
	const ids = prompts.map(({ id }) => id);

	/** Answers with the next of these texts, for any prompt. */
	class Scripted extends FakeTarget {
		readonly #texts: string[];
		readonly seeds: number[] = [];
		constructor(texts: readonly string[]) {
			super();
			this.#texts = [...texts];
		}
		override complete(request: Parameters<FakeTarget['complete']>[0]) {
			this.seeds.push(request.sampling.seed);
			return Promise.resolve(fakeReply(this.#texts.shift() ?? ''));
		}
	}
	const never = new AbortController().signal;
	const ports = { clock: new FakeClock(), frame: (callback: () => void) => callback() };

	async function sampled(texts: readonly string[]) {
		const output = new OutputStep(recipe, ports);
		output.prepare(prompts);
		const target = new Scripted(texts);
		await output.sample(target, new PauseGate(), never);
		const rows = () => ({ outputs: output.outputs, answers: [], revisions: [], judgements: [] });
		const stages = { rows, progress: () => output.progress };
		const pair = new PairStep(recipe, stages, importedData());
		return { output, target, pair };
	}

	test('is known to recipes, runs and run files, and is registered once', async () => {
		expect(readRecipe(LONGEST)).toEqual(LONGEST);
		expect(listMethods().map(({ id }) => id)).toEqual([
			...['clair', 'on_policy_judge', 'off_policy_judge', 'stronger_preferred', 'imported'],
			'longest_of_two',
		]);
		expect(() => registerMethod(longestOfTwo)).toThrow('is registered already');
		const record = { ...runRecord('a'), recipe: LONGEST, checkpoints: [] };
		expect(readStoredRun(JSON.stringify(record), 'a')).toEqual(record);
		expect((await readRunFile(await writeRunFile({ record, adapters: [] }), 'x')).record).toEqual(record);
	});

	test('gets two answers to each prompt, the first ones from the seeds of a single answer', async () => {
		const { output, target } = await sampled(['a', 'b', 'c', 'dd', 'ee', 'ff']);
		expect(output.outputs.map(({ id, text }) => [id, text])).toEqual([
			...ids.map((id, i) => [`${id}.o1`, 'abc'.charAt(i)]),
			...ids.map((id, i) => [`${id}.o2`, 'def'.charAt(i).repeat(2)]),
		]);
		expect(target.seeds).toEqual([0, 1, 2, 3, 4, 5].map((i) => SMALL.sampling.seed + i));
		const again = new OutputStep(recipe, ports);
		again.prepare(prompts, output.outputs.slice(1));
		expect(again.rows.map(({ state }) => state)).toEqual(['waiting', 'done', 'done', 'done', 'done', 'done']);
	});

	test('builds pairs from outputs, and names the source of each side and the rows left out', async () => {
		const { output, pair } = await sampled(['long', 'bb', 'c', 'a', 'bb', 'longer']);
		expect(pair.pairs.map(({ id, chosen, rejected, from }) => [id, chosen, rejected, from])).toEqual([
			[
				`${ids[0]}.p1`,
				'long',
				'a',
				{
					chosen: { kind: 'output', id: `${ids[0]}.o1` },
					rejected: { kind: 'output', id: `${ids[0]}.o2` },
				},
			],
			[
				`${ids[2]}.p1`,
				'longer',
				'c',
				{
					chosen: { kind: 'output', id: `${ids[2]}.o2` },
					rejected: { kind: 'output', id: `${ids[2]}.o1` },
				},
			],
		]);
		expect(pair.leftOut).toEqual([{ id: output.outputs[1]?.id, reason: 'same-length' }]);
		expect([pair.state, pair.progress, plain(pair.figure)]).toEqual(['done', 1, '2 that differ in length']);
		pair.fix();
		expect(pair.changedSinceTraining).toBe(false);
	});

	test('names itself and the stages that it skips', () => {
		expect(shortRecipe(LONGEST)).toMatch(/^longest of two, /);
		expect(plain(new RevisionStep(recipe, ports).figure)).toBe('not needed');
		expect(plain(new OutputStep(recipe, ports).figure)).toBe('temperature 1.0');
	});
});
