/** A whole tiny run per data method, with the embedded cast behind the endpoint's real handler. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';
import { FLAWED, fakeReply, rightAnswer } from '#tests/support/fakeCompute.ts';
import { createFakes, type Fakes, FakeStore, SMALL } from '#tests/support/fakes.ts';

const PAGE = { baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch } as const;

/** Counts requests by model, and fails those of the models in `down`. */
interface Cast {
	asked: Map<string, number>;
	down: Set<string>;
	/** Replaces the text of a model's replies. */
	says: Map<string, (text: string, n: number) => string>;
}

function withCast(fakes: Fakes): Cast {
	const cast: Cast = { asked: new Map(), down: new Set(), says: new Map() };
	fakes.ports.reviser = ({ model }): ChatModel => {
		const real = embeddedModel(PAGE, model);
		return {
			id: model,
			complete: async (request, signal) => {
				const n = (cast.asked.get(model) ?? 0) + 1;
				cast.asked.set(model, n);
				if (cast.down.has(model))
					throw new RemoteError('Nothing answers.', { code: 'endpoint-unreachable', hint: 'Start it.' });
				const reply = await real.complete(request, signal);
				return { ...reply, text: cast.says.get(model)?.(reply.text, n) ?? reply.text };
			},
		};
	};
	// Every other seed answers rightly, so that two samples differ.
	const complete = fakes.target.complete.bind(fakes.target);
	fakes.target.complete = async (request, signal, onText) => {
		const reply = await complete(request, signal, onText);
		const prompt = request.messages.at(-1)?.content ?? '';
		return reply.text === FLAWED && request.sampling.seed % 5 < 2 ? fakeReply(rightAnswer(prompt)) : reply;
	};
	return cast;
}

const withMethod = (method: string, more: Partial<Recipe> = {}): Recipe => ({
	...SMALL,
	...more,
	pairs: { ...SMALL.pairs, method },
});

async function started(recipe: Recipe, prepare: (cast: Cast) => void = () => undefined) {
	const store = new FakeStore();
	const fakes = createFakes(store);
	const cast = withCast(fakes);
	prepare(cast);
	const session = new Session(fakes.ports);
	await session.start();
	session.draft.load(recipe);
	await session.startRun();
	return { session, cast, store };
}

const THREE = ['embedded-other-a', 'embedded-other-b', 'embedded-other-c'].map((model) => ({
	endpoint: 'embedded',
	model,
}));

describe.each([
	['clair', 'revisions'],
	['on_policy_judge', 'judgements'],
	['off_policy_judge', 'judgements'],
	['stronger_preferred', 'answers'],
])('%s', (method, last) => {
	it('goes from prompts to a trained adapter, and comes back from the store as it was', async () => {
		const { session, store } = await started(withMethod(method));
		expect(session.run.failure).toBeNull();
		expect(session.run.phase).toBe('done');
		const { pairs, leftOut, method: record } = session.steps.pair;
		expect(pairs.length).toBeGreaterThan(2);
		expect(record.stages.at(-1)).toBe(last);
		for (const { reason } of leftOut) expect(record.leftOutReasons).toHaveProperty(reason);
		const id = session.run.id ?? '';
		const stored = store.runs.get(id);
		expect(stored?.pairs).toEqual(pairs);
		await session.open(id);
		expect(session.run.record()).toEqual({ ...stored, edition: session.run.autosave.edition });
	});
});

describe('a judge', () => {
	it('that always picks the first is counted, and gives ties with their reason', async () => {
		const { session } = await started(withMethod('on_policy_judge'), ({ says }) =>
			says.set('embedded-judge', () => 'The first one. [[A]]'),
		);
		const { judgement, pair } = session.steps;
		const asked = judgement.rows.filter(({ attempts }) => attempts > 0).length;
		expect(judgement.bias).toEqual({ first: 2 * asked, picks: 2 * asked });
		expect(pair.leftOutCounts.get('position')).toBe(asked);
		expect(session.run.failure).toMatchObject({ headline: 'There is nothing to train on.' });
		expect(session.run.failure?.todo).toContain('the judge picked by position');
	});

	it('that answers in no known form gives unread rows, which can be asked again one by one', async () => {
		const { session, cast } = await started(withMethod('on_policy_judge'), ({ says }) =>
			says.set('embedded-judge', (text, n) => (n <= 2 ? 'Hm.' : text)),
		);
		expect(session.run.phase).toBe('done');
		const row = session.steps.judgement.rows.find(({ state }) => state === 'unread');
		expect(row?.asked.map(({ rawReply }) => rawReply)).toContain('Hm.');
		const before = cast.asked.get('embedded-judge') ?? 0;
		await session.run.retryJudgement(row?.id ?? '');
		expect(cast.asked.get('embedded-judge')).toBe(before + 2);
		expect(session.steps.judgement.byId(row?.id ?? '')?.state).toBe('judged');
	});

	it('that is down keeps the answers, and Resume asks it again', async () => {
		const { session, cast } = await started(withMethod('on_policy_judge'), ({ down }) =>
			down.add('embedded-judge'),
		);
		expect(session.run.failure).toMatchObject({ phase: 'judging', noun: 'revision', repair: 'resume' });
		expect(session.run.failure?.title).toMatch(/^Judging stopped\. .* are still without a verdict\.$/);
		expect(session.steps.output.done).toBe(2 * SMALL.prompts.count);
		cast.down.clear();
		await session.resume();
		expect(session.run.phase).toBe('done');
	});

	it('asks no more than its limit of requests, and the run goes on with the verdicts', async () => {
		const { session, cast } = await started(
			withMethod('on_policy_judge', { judge: { budget: 9, noise: 0 } }),
		);
		expect(cast.asked.get('embedded-judge:noise=0')).toBe(8);
		expect(session.run.phase).toBe('done');
		expect(session.steps.judgement.budgetSpent).toBe(true);
		expect(session.steps.pair.leftOutCounts.get('not-asked')).toBeGreaterThan(0);
	});
});

describe('other models', () => {
	const recipe = withMethod('off_policy_judge', { others: { models: THREE } });

	it('one down of three: the others’ rows are kept, and the run can go on with them', async () => {
		const { session, cast } = await started(recipe, ({ down }) => down.add('embedded-other-b'));
		const { answer } = session.steps;
		expect(answer.done).toBe((2 * SMALL.prompts.count * 2) / 3);
		expect(session.run.failure).toMatchObject({ phase: 'answering', noun: 'output' });
		expect(session.run.failure?.kept).toContain('16 answers of other models');
		const asked = cast.asked.get('embedded-other-a');
		cast.down.clear();
		await session.resume();
		expect(session.run.phase).toBe('done');
		expect(cast.asked.get('embedded-other-a')).toBe(asked);
		expect(answer.done).toBe(2 * SMALL.prompts.count);
	});

	it('are asked two at a time, each for the same share of prompts', async () => {
		const { session } = await started(recipe);
		const models = session.steps.answer.outputs.map(({ model }) => model);
		for (const { model } of THREE) expect(models.filter((one) => one === model)).toHaveLength(8);
	});
});

it('nothing is asked twice for the same input across runs', async () => {
	const { session, cast } = await started(withMethod('on_policy_judge'));
	const judged = cast.asked.get('embedded-judge');
	session.draft.load(
		withMethod('on_policy_judge', { training: { ...SMALL.training, steps: 4 }, judge: { concurrency: 1 } }),
	);
	await session.startRun();
	expect(session.run.reused).toEqual(['outputs', 'judgements', 'held-out before']);
	expect(cast.asked.get('embedded-judge')).toBe(judged);
	session.draft.load(withMethod('on_policy_judge', { judge: { noise: 0 } }));
	await session.startRun();
	expect(session.run.reused).toEqual(['outputs', 'held-out before']);
	expect(cast.asked.get('embedded-judge:noise=0')).toBe(judged);
});

it('the other data methods of the open run’s prompts are made at once, without a new run', async () => {
	const { session, cast, store } = await started(SMALL);
	const { methods, steps } = session;
	expect(methods.sets.map(({ set }) => set === null)).toEqual([false, true, true, true]);
	const revised = cast.asked.get('embedded-reviser');
	await methods.make();
	expect(methods.error).toBeNull();
	expect(methods.canMake).toBe(false);
	expect(methods.sets.map(({ method }) => method.id)).toEqual([
		'clair',
		'on_policy_judge',
		'off_policy_judge',
		'stronger_preferred',
	]);
	const prompts = new Set(steps.prompt.prompts.map(({ id }) => id));
	for (const { set } of methods.sets) {
		expect(set?.pairs.length).toBeGreaterThan(2);
		expect(set?.pairs.every(({ prompt }) => prompts.has(prompt.id))).toBe(true);
	}
	expect(cast.asked.get('embedded-reviser')).toBe(revised);
	expect(store.runs.size).toBe(1);
});

it('the next run asks for no answer and no judgement that the sets under all methods already have', async () => {
	const { session, cast } = await started(SMALL);
	await session.methods.make();
	expect(session.methods.error).toBeNull();
	for (const [method, model] of [
		['on_policy_judge', 'embedded-judge'],
		['off_policy_judge', 'embedded-other-a'],
		['stronger_preferred', 'embedded-stronger'],
		['clair', 'embedded-reviser'],
	] as const) {
		const before = new Map(cast.asked);
		session.change();
		session.draft.load(withMethod(method));
		await session.startRun();
		expect(session.run.phase).toBe('done');
		expect(before.get(model)).toBeGreaterThan(0);
		expect(cast.asked).toEqual(before);
	}
});

it('the sets under all methods use the user’s own settings of judge, stronger and other models', async () => {
	const { session, cast } = await started({ ...SMALL, judge: { noise: 0 } });
	expect(session.run.recipe).not.toHaveProperty('judge');
	await session.methods.make();
	expect(cast.asked.get('embedded-judge:noise=0')).toBeGreaterThan(0);
	expect(cast.asked.has('embedded-judge')).toBe(false);
	// Another judge makes other sets.
	session.change();
	session.draft.load({ ...session.draft.recipe, judge: { noise: 1 } });
	expect(session.methods.sets.map(({ set }) => set !== null)).toEqual([true, false, false, true]);
});
