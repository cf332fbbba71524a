import { describe, expect, it } from 'vitest';
import { PauseGate } from '#app/async/pauseGate.ts';
import { runReport } from '#app/run/runReport.ts';
import { Pace } from '#app/async/pace.ts';
import { phaseOf } from '#app/run/phases/registry.ts';
import { PhaseClock } from '#app/run/phaseClock.ts';
import { RecipeDraft, shortRecipe } from '#app/recipe/recipeDraft.svelte.ts';
import { Engines } from '#app/engines/engines.svelte.ts';
import { ReviserConnection } from '#app/engines/reviserConnection.svelte.ts';
import { SecondModel } from '#app/engines/secondModel.svelte.ts';
import { Session } from '#app/session.svelte.ts';
import { figure, plain } from '#app/steps/stepSummary.ts';
import { resultSentence } from '#app/text/status.ts';
import { duration } from '#app/text/format.ts';
import { RemoteError } from '#core/errors.ts';
import type { GroupedComparison } from '#core/evaluation/evaluation.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { settle } from '#tests/support/fakeCompute.ts';
import { createFakes, FakeReviser, SMALL } from '#tests/support/fakes.ts';

/** A clock that changes only when it is set. */
const still = () => ({ time: 0, now: () => still.time, date: () => '' });
still.time = 0;

describe('Pace', () => {
	it('follows the last marks, not the average since the start', () => {
		const pace = new Pace(still());
		still.time = 0;
		pace.restart();
		expect(pace.perSecond).toBeNull();
		for (let i = 1; i <= 40; i++) {
			still.time = i * 1000;
			pace.mark();
		}
		expect(pace.perSecond).toBe(1);
		for (let i = 1; i <= 40; i++) {
			still.time = 40_000 + i * 100;
			pace.mark();
		}
		expect(pace.perSecond).toBeCloseTo(10);
		expect(pace.secondsFor(20)).toBeCloseTo(2);
	});
});

describe('PhaseClock', () => {
	it('leaves pauses out and adds to the seconds of a stored run', () => {
		const clock = new PhaseClock(still());
		still.time = 0;
		clock.restore({ sampling: 3 });
		clock.enter('sampling');
		still.time = 2000;
		clock.stop();
		still.time = 9000;
		clock.enter('sampling');
		still.time = 10_000;
		clock.enter('revising');
		still.time = 10_500;
		expect(clock.seconds).toEqual({ sampling: 6, revising: 0.5 });
	});
});

describe('PauseGate', () => {
	it('holds work back until it opens, and lets a cancelled one out', async () => {
		const gate = new PauseGate();
		const stop = new AbortController();
		const passed: string[] = [];
		gate.close();
		const a = gate.pass(new AbortController().signal).then(() => passed.push('a'));
		const b = gate.pass(stop.signal).catch(() => passed.push('b stopped'));
		await settle();
		expect(passed).toEqual([]);
		stop.abort();
		await b;
		gate.open();
		await a;
		expect(passed).toEqual(['b stopped', 'a']);
	});
});

describe('RecipeDraft', () => {
	it('counts changes against the recipe of the last run, and reverts one', () => {
		const draft = new RecipeDraft();
		expect(draft.changes).toEqual([]);
		draft.startFrom(DEFAULT_RECIPE);
		draft.set('objective', 'beta', 0.1);
		draft.set('lora', 'targetModules', ['q_proj']);
		draft.setModel('another');
		expect(draft.changes.map((change) => change.path)).toEqual([
			'model',
			'objective.beta',
			'lora.targetModules',
		]);
		expect(draft.isChanged('objective.beta')).toBe(true);
		draft.revert('objective.beta');
		draft.revert('model');
		expect(draft.changes.map((change) => change.path)).toEqual(['lora.targetModules']);
		draft.revert();
		expect(draft.recipe).toEqual(DEFAULT_RECIPE);
	});

	it('names the first field that is out of range', () => {
		const draft = new RecipeDraft();
		draft.set('training', 'steps', 0);
		expect(draft.problem?.context['path']).toBe('training.steps');
		draft.set('training', 'steps', 5);
		expect(draft.problem).toBeNull();
	});

	it('changes every seed at once', () => {
		const draft = new RecipeDraft();
		draft.setSeed(7);
		expect(shortRecipe(draft.recipe)).toBe('CLAIR, APO-zero, seed 7');
		expect(draft.recipe.sampling.seed).toBe(7);
	});
});

describe('ReviserConnection', () => {
	const { ports } = createFakes();
	const second = (): SecondModel => new SecondModel(ports, new Engines(ports));

	it('keeps a key for the tab only when asked, by endpoint', () => {
		const slots = new Map<string, string>();
		const memory = {
			read: (name: string) => slots.get(name) ?? null,
			write: (name: string, value: string | null) => {
				if (value === null) slots.delete(name);
				else slots.set(name, value);
			},
		};
		const connection = new ReviserConnection({ ...ports, tabMemory: memory }, second());
		connection.setKey('https://a/v1', 'one');
		expect(slots.size).toBe(0);
		connection.setKey('https://a/v1', 'one', true);
		const reloaded = new ReviserConnection({ ...ports, tabMemory: memory }, second());
		expect(reloaded.keyFor('https://b/v1')).toBe('');
		expect(reloaded.keyFor('https://a/v1')).toBe('one');
		expect(reloaded.keepsKeyFor('https://a/v1')).toBe(true);
		reloaded.setKey('https://a/v1', 'one', false);
		expect(slots.size).toBe(0);
	});

	it('gives a key to the server it was meant for and to no other', () => {
		const given: [string, string | null][] = [];
		const connection = new ReviserConnection(
			{
				...ports,
				reviser: (settings, key) => {
					given.push([settings.endpoint, key]);
					return new FakeReviser();
				},
			},
			second(),
		);
		const ask = (endpoint: string) => connection.model({ ...SMALL.reviser, endpoint }, connection.tests);
		connection.setKey('https://a.example/v2', 'secret');
		for (const endpoint of [
			'https://a.example/v1',
			'https://b.example/v1',
			'http://a.example/v1',
			'embedded',
		])
			ask(endpoint);
		expect(given).toEqual([
			['https://a.example/v1', 'secret'],
			['https://b.example/v1', null],
			['http://a.example/v1', null],
			['embedded', null],
		]);
	});

	it('tries an endpoint and shows its answer', async () => {
		const { reviser, ports } = createFakes();
		const connection = new ReviserConnection(ports, second());
		await connection.tryOut(SMALL.reviser);
		expect(connection.trial).toMatchObject({ state: 'answered', text: 'ready' });
		reviser.failAt = () => new RemoteError('No.', { code: 'endpoint-key-refused' });
		await connection.tryOut(SMALL.reviser);
		expect(connection.trial).toMatchObject({ state: 'failed', error: { code: 'endpoint-key-refused' } });
	});
});

describe('words', () => {
	it('writes figures with their emphasised part', () => {
		expect(figure('**800** from 8 families')).toEqual([
			{ text: '800', strong: true },
			{ text: ' from 8 families', strong: false },
		]);
		expect(plain(figure('0.35 → **0.78**'))).toBe('0.35 → 0.78');
	});

	it('writes durations in words', () => {
		expect([0.41, 15, 59.7, 112, 3600, 7500].map(duration)).toEqual([
			'0.4 s',
			'15 s',
			'1 min',
			'1 min 52 s',
			'1 h',
			'2 h 5 min',
		]);
	});

	it('describes a step, by objective', () => {
		expect(phaseOf('training')?.sentence(DEFAULT_RECIPE, { loss: { phase: 'running' } })).toBe(
			'Each step takes eight pairs and nudges the adapter. APO-zero raises the chosen answer and lowers the rejected one, each on its own.',
		);
	});

	it('names the families that improved and the others', () => {
		const of = (group: string, low: number, high: number): GroupedComparison => {
			const estimate = { score: (low + high) / 2, low, high, n: 50 };
			return {
				group,
				before: estimate,
				after: estimate,
				difference: estimate,
				better: 1,
				equal: 1,
				worse: 1,
			};
		};
		const whole = of('all', 0.4, 0.6);
		expect(resultSentence(whole, [of('past-tense', 0.5, 0.7), of('sums', -0.1, 0.1)])).toContain(
			'scores improved in one of two families; sums showed no clear change.',
		);
		expect(resultSentence(whole, [of('a', 0.5, 0.7), of('b', -0.3, -0.1)])).toContain('b got worse.');
		expect(resultSentence(whole, [of('a', 0.5, 0.7), of('b', 0.3, 0.5)])).toContain(
			'scores improved in all two families.',
		);
		const seven = Array.from({ length: 7 }, (_, i) => of(`f${i}`, -0.1, 0.1));
		expect(resultSentence(whole, [of('json', 0.5, 0.7), ...seven])).toContain(
			'scores improved in one of eight families; the other seven showed no clear change.',
		);
		expect(resultSentence(whole, seven)).toContain('no family showed a clear change.');
		expect(resultSentence(null, [])).toContain('no held-out score');
	});

	it('says which improved families are still low, and how many answers got worse', () => {
		const at = (group: string, score: number, low = 0.1): GroupedComparison => {
			const difference = { score: low, low, high: low + 0.1, n: 50 };
			const after = { score, low: score, high: score, n: 50 };
			return { group, before: after, after, difference, better: 9, equal: 1, worse: 14 };
		};
		const all = at('all', 0.8);
		expect(resultSentence(all, [at('sums', 0.5), at('sorting', 0.98)])).toMatch(
			/scores improved in all two families\. Sums only reach 0\.50\. 14 answers got worse\.$/,
		);
		expect(resultSentence(all, [at('json', 0.5), at('sorting', 0.6), at('sums', 0.9)])).toContain(
			'JSON and sorting stay below 0.7.',
		);
		expect(resultSentence({ ...all, worse: 0 }, [at('sums', 0.9), at('json', 0.9)])).toMatch(/families\.$/);
	});
});

describe('the report of a headless run', () => {
	it('contains the fields that scripts read, as plain JSON', async () => {
		const session = new Session(createFakes().ports);
		session.draft.load(SMALL);
		await session.startRun();
		const record = session.run.record();
		const report = JSON.parse(JSON.stringify(record === null ? null : runReport(record))) as ReturnType<
			typeof runReport
		>;
		expect(report.recipe).toEqual(SMALL);
		expect(report.adapter).toEqual({ vendor: 'fake', architecture: 'none', backend: 'webgpu', features: [] });
		for (const side of ['before', 'after'] as const)
			for (const mode of ['greedy', 'sampled'] as const)
				expect(Object.keys(report.heldOut[side][mode]).sort()).toEqual([
					'high',
					'low',
					'meanLength',
					'n',
					'score',
				]);
		expect(report.heldOut.after.greedy.score).toBe(1);
		expect(report.metrics['rewards/margins']).toHaveLength(8);
		expect([report.steps, report.pairs]).toEqual([8, 12]);
		// The plan before the start, and the measured peak.
		expect(report.memory).toEqual({
			estimatedBytes: 4.2e7,
			peakBytes: 4e7,
			activations: 'keep',
			budgetBytes: 4e9,
		});
		expect(Object.keys(report.seconds)).toContain('training');
	});
});
