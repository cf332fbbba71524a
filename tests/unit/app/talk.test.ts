import { describe, expect, it } from 'vitest';
import { Chat } from '#app/compare/chat.svelte.ts';
import { ComputeTarget } from '#app/engines/computeTarget.ts';
import { EvaluationStep } from '#app/steps/evaluationStep.svelte.ts';
import { PauseGate } from '#app/async/pauseGate.ts';
import { Session } from '#app/session.svelte.ts';
import { SideBySide } from '#app/compare/sideBySide.svelte.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { AppError } from '#core/errors.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { fakeAdapter, FakeCompute, FLAWED, rightAnswer } from '#tests/support/fakeCompute.ts';
import { createFakes, FakeClock, FakeTarget, SMALL } from '#tests/support/fakes.ts';

const prompts = worldPrompts({ count: 24, seed: 1, split: 'heldOut' });
const first = prompts[0]!.text;
const now = { clock: new FakeClock(), frame: (f: () => void) => f() };
const never = new AbortController().signal;

const inTurn = <T>(work: () => Promise<T>): Promise<T> => work();

function sideBySide(target: FakeTarget, adapter: Adapter | null = fakeAdapter(4)): SideBySide {
	const sources = {
		model: () => target,
		inTurn,
		adapter: () => Promise.resolve(adapter),
		score: (_: string, text: string) => ({ score: text === FLAWED ? 0.2 : 1, checks: [] }),
		maxTokens: () => 40,
	};
	return new SideBySide(sources, now);
}

describe('SideBySide', () => {
	it('asks base and tuned from the same seed and leaves no adapter in the engine', async () => {
		const target = new FakeTarget();
		const sides = sideBySide(target);
		sides.setStrength(0.75);
		sides.question = first;
		await sides.ask();
		const exchange = sides.exchanges[0];
		expect(exchange?.base).toMatchObject({ state: 'done', text: FLAWED, scored: { score: 0.2 } });
		expect(exchange?.tuned).toMatchObject({ state: 'done', text: rightAnswer(first), scored: { score: 1 } });
		expect(exchange).toMatchObject({ strength: 0.75, step: 4 });
		expect(target.asked[0]?.sampling).toEqual(target.asked[1]?.sampling);
		expect(target.written).toEqual([
			{ step: null, strength: 0 },
			{ step: 4, strength: 0.75 },
			{ step: null, strength: 0 },
		]);
		expect(sides.question).toBe('');
	});

	it('shows the error at the side that failed, and still answers with the other', async () => {
		const target = new FakeTarget();
		target.before = () => {
			if (target.asked.length === 1) throw new AppError('Out of memory.', { code: 'oom' });
		};
		const sides = sideBySide(target);
		await sides.ask(first);
		expect(sides.exchanges[0]?.base).toMatchObject({ state: 'failed', error: { code: 'oom' } });
		expect(sides.exchanges[0]?.tuned.state).toBe('done');
	});

	it('asks all prompts again with the current settings, one side after the other', async () => {
		const target = new FakeTarget();
		const sides = sideBySide(target);
		await sides.ask(first);
		await sides.ask(prompts[1]!.text);
		target.written = [];
		sides.setStrength(2);
		await sides.askAgain();
		expect(sides.exchanges.map((exchange) => exchange.prompt)).toEqual([first, prompts[1]!.text]);
		expect(target.written.map(({ strength }) => strength)).toEqual([0, 1.5, 0]);
	});

	it('shows only the base while there is no adapter', async () => {
		const sides = sideBySide(new FakeTarget(), null);
		await sides.ask(first);
		expect(sides.exchanges[0]?.base.state).toBe('done');
		expect(sides.exchanges[0]?.tuned).toMatchObject({
			state: 'failed',
			error: { code: 'checkpoint-missing' },
		});
	});

	it('keeps the text so far when it is stopped', async () => {
		const target = new FakeTarget();
		const sides = sideBySide(target);
		target.before = () => {
			if (target.asked.length === 2) sides.stop();
		};
		await sides.ask(first);
		expect(sides.exchanges[0]?.base.state).toBe('done');
		expect(sides.exchanges[0]?.tuned.state).toBe('stopped');
		expect(sides.answering).toBe(false);
	});
});

describe('Chat', () => {
	it('keeps the conversation and sends all of it', async () => {
		const target = new FakeTarget();
		const chat = new Chat(
			{ model: () => target, inTurn, adapter: () => Promise.resolve(null), recipe: () => SMALL },
			now,
		);
		await chat.send('Hello');
		await chat.send('Again');
		expect(chat.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user', 'assistant']);
		expect(target.asked[1]?.messages).toHaveLength(3);
		expect(chat.writing).toBe(false);
		chat.clear();
		expect(chat.messages).toEqual([]);
	});

	it('shows a failure beside the conversation', async () => {
		const target = new FakeTarget();
		target.failFor.add('Hello');
		const chat = new Chat(
			{ model: () => target, inTurn, adapter: () => Promise.resolve(null), recipe: () => SMALL },
			now,
		);
		await chat.send('Hello');
		expect(chat.error?.code).toBe('engine-broke');
		expect(chat.messages[0]).toEqual({ role: 'user', content: 'Hello' });
	});
});

describe('turns', () => {
	it('keeps an adapter that is written for one answer out of another', async () => {
		const fakes = createFakes();
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		await session.startRun();
		await Promise.all([session.sideBySide.ask(first), session.chat.send(first)]);
		expect(session.sideBySide.exchanges[0]?.base.text).toBe(FLAWED);
		expect(session.sideBySide.exchanges[0]?.tuned.text).toBe(rightAnswer(first));
		expect(session.chat.messages.at(-1)?.content).toBe(FLAWED);
	});

	it('does not let anyone write an adapter while a run samples', async () => {
		const fakes = createFakes();
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		await session.startRun();
		session.change();
		session.draft.set('sampling', 'seed', 9);
		const asked = fakes.target.asked.length;
		fakes.target.before = () => {
			if (fakes.target.asked.length === asked + 3) void session.sideBySide.ask(first);
			expect(session.sideBySide.ready).toBe(false);
		};
		await session.startRun();
		expect(session.sideBySide.exchanges).toEqual([]);
		expect(session.steps.output.outputs.every((output) => output.text === FLAWED)).toBe(true);
	});
});

describe('ComputeTarget', () => {
	it('hands the adapter over with each call, and none at strength 0', async () => {
		const compute = new FakeCompute();
		const target = new ComputeTarget(compute);
		await target.load({ id: 'anchor-1m' });
		expect(target.id).toBe('anchor-1m');
		const request = { messages: [{ role: 'user' as const, content: first }], sampling: SMALL.sampling };
		await target.setAdapter(fakeAdapter(3), 0.5);
		expect((await target.complete(request, never)).text).toBe(rightAnswer(first));
		expect(compute.generated[0]).toMatchObject({ strength: 0.5, adapter: { step: 3 } });
		await target.setAdapter(fakeAdapter(3), 0);
		expect((await target.complete(request, never)).text).toBe(FLAWED);
	});
});

describe('EvaluationStep', () => {
	const create = (compute = new FakeCompute()) => new EvaluationStep(() => SMALL, compute, now);

	it('compares before and after by family and by check', async () => {
		const step = create();
		await step.evaluate(prompts, 'greedy', null, new PauseGate(), never);
		expect(step.state).toBe('partial');
		expect(step.comparison).toBeNull();
		await step.evaluate(prompts, 'greedy', fakeAdapter(4), new PauseGate(), never);
		await step.evaluate(prompts, 'greedy', fakeAdapter(8), new PauseGate(), never);
		expect(step.course.map((point) => point.step)).toEqual([0, 4, 8]);
		expect(step.comparison?.after.score).toBe(1);
		expect(step.byFamily).toHaveLength(8);
		expect(step.byCheck.length).toBeGreaterThan(2);
		expect(step.better).toHaveLength(24);
		expect(step.answersNow).toHaveLength(8);
		expect(step.answersNow[0]?.answers.map((answer) => answer.step)).toEqual([0, 4, 8]);
		step.mode = 'sampled';
		expect(step.comparison).toBeNull();
	});

	it('draws sampled answers at temperature 1 from the evaluation’s seed, greedy ones at 0', async () => {
		const compute = new FakeCompute();
		const step = create(compute);
		await step.evaluate(prompts, 'sampled', null, new PauseGate(), never);
		await step.evaluate(prompts, 'greedy', null, new PauseGate(), never);
		expect(compute.generated.map(({ sampling }) => [sampling.temperature, sampling.seed])).toEqual([
			[1, SMALL.evaluation.seed],
			[0, SMALL.evaluation.seed],
			// The drift of a greedy result is measured on sampled answers.
			[1, SMALL.evaluation.seed],
		]);
	});

	it('measures the drift with each greedy result: none at the base model', async () => {
		const step = create(new FakeCompute());
		await step.evaluate(prompts, 'greedy', null, new PauseGate(), never);
		await step.evaluate(prompts, 'greedy', fakeAdapter(4), new PauseGate(), never);
		expect(step.drifts.map(({ step: at }) => at)).toEqual([0, 4]);
		const [base] = step.drifts;
		expect(base?.drift.kl).toMatchObject({ score: 0, n: Math.ceil(prompts.length / 8) });
		expect(base?.drift.entropy.score).toBe(1);
	});

	it('measures the score at strengths from 0 to 1.5', async () => {
		const step = create();
		await step.measureStrengths(prompts, fakeAdapter(8), new PauseGate(), never);
		expect(step.strengths.map((point) => point.strength)).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]);
		expect(step.strengths[0]?.estimate.score).toBeLessThan(0.5);
		expect(step.strengths[6]?.estimate.score).toBe(1);
		expect(step.work).toBeNull();
	});

	it('keeps nothing of an interrupted result', async () => {
		const step = create();
		const stop = new AbortController();
		const done = step.evaluate(prompts, 'greedy', null, new PauseGate(), stop.signal);
		stop.abort();
		await expect(done).rejects.toThrow('Stopped by you');
		expect(step.results).toEqual([]);
		expect(step.work).toBeNull();
	});

	it('shows answers without a score where there is no rubric', async () => {
		const step = create();
		const own = [{ id: 'u-1', text: 'What is love?', family: null }];
		await step.evaluate(own, 'greedy', null, new PauseGate(), never);
		expect(step.scored).toBe(false);
		expect(step.results[0]?.estimate.n).toBe(0);
		expect(step.course).toEqual([]);
	});
});

describe('the tracked pair', () => {
	it('has all eight forms after a run, and moves on to another', async () => {
		const fakes = createFakes();
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		expect(session.tracked.id).toBeNull();
		await session.startRun();
		const { tracked } = session;
		expect(tracked.number).toBe(1);
		expect(tracked.prompt?.id).toBe(tracked.id);
		expect(tracked.output?.text).toBe(FLAWED);
		const chosen = { kind: 'revision', id: tracked.revision?.id };
		expect(tracked.pair).toMatchObject({ rejected: FLAWED, from: { chosen } });
		expect(tracked.rewards?.step).toBe(8);
		expect(tracked.norms?.step).toBe(8);
		await tracked.measureCredit();
		expect(tracked.credit?.tokens.rejected.pieces).toEqual(FLAWED.split(' '));
		await session.tracked.askAnswers();
		expect(tracked.answers.after?.score).toBe(1);
		expect(tracked.answers.before?.text).toBe(FLAWED);
		tracked.another();
		expect(tracked.number).toBe(2);
		expect(tracked.credit).toBeNull();
		tracked.follow(session.steps.pair.pairs.at(-1)?.id ?? null);
		tracked.another();
		expect(tracked.number).toBe(1);
	});

	it('is found by its prompt, its answer, its revision, and by its own id, and its prompt stays without a pair', async () => {
		const session = new Session(createFakes().ports);
		session.draft.load(SMALL);
		await session.startRun();
		const { tracked, steps } = session;
		const pair = steps.pair.pairs[3]!;
		const { chosen, rejected } = pair.from!;
		for (const id of [pair.prompt.id, rejected.id, chosen.id, pair.id]) {
			tracked.follow(id);
			const forms = [tracked.prompt, tracked.output, tracked.revision, tracked.pair];
			expect(forms.map((form) => form?.id)).toEqual([pair.prompt.id, rejected.id, chosen.id, pair.id]);
			expect([tracked.id, tracked.pairId, tracked.number]).toEqual([pair.prompt.id, pair.id, 4]);
		}
		steps.pair.release();
		steps.revision.setAside(chosen.id);
		expect([tracked.pair, tracked.prompt, tracked.number]).toEqual([null, pair.prompt, 0]);
	});

	it('loads the model for token credit where a run was opened from the shelf', async () => {
		const first = createFakes();
		const session = new Session(first.ports);
		session.draft.load(SMALL);
		await session.startRun();
		const later = createFakes(first.store);
		const reader = new Session(later.ports);
		await reader.start();
		await reader.open('run-1');
		expect(later.compute.loads).toBe(0);
		await reader.tracked.measureCredit();
		expect(later.compute.loads).toBe(1);
		expect(reader.tracked.credit?.chosen).toHaveLength(1);
	});
});
