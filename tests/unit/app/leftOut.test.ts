/** Rows that the model cannot read are left out and named; everything else goes on. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { runReport } from '#app/run/runReport.ts';
import { namedFaults } from '#app/text/leftOut.ts';
import { promptTooLong, rowFault } from '#core/batch/rowFaults.ts';
import { ShapeError } from '#core/errors.ts';
import { isHeldOut } from '#core/prompt/split.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { recipeSchema } from '#core/recipe/recipe.ts';
import { runRecordSchema } from '#core/run/run.ts';
import * as v from 'valibot';
import { caseLines } from '#tests/support/caseBytes.ts';
import { fakeReply } from '#tests/support/fakeCompute.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { preferencePair } from '#tests/support/preferencePair.ts';

const OWN: Recipe = { ...SMALL, prompts: { ...SMALL.prompts, source: 'own' } };
const PAIRS: Recipe = { ...SMALL, pairs: { ...SMALL.pairs, method: 'imported' } };
/** Words, as the double counts tokens. */
const LIMIT = 511;

function open(recipe: Recipe, fakes: Fakes = createFakes()): { session: Session; fakes: Fakes } {
	fakes.compute.promptLimit = LIMIT;
	const session = new Session(fakes.ports);
	session.draft.load(v.parse(recipeSchema, recipe));
	return { session, fakes };
}

/** Sampling and evaluation without WebLLM. */
function withoutWebGpu(fakes = createFakes()): Fakes {
	fakes.compute.report = { ...fakes.compute.report, backend: 'wasm' };
	return fakes;
}

const long = (n: number, word = 'a'): string => Array.from({ length: n }, () => word).join(' ');
/** As an import leaves them. */
function bringPrompts({ imported }: Session, texts: readonly string[]): void {
	const prompts = texts.map((text, i) => ({ id: `u-${i}`, text, family: null }));
	imported.prompts.take({
		set: { name: 'mine', source: 'mine.txt', prompts },
		lines: prompts.map((_, i) => i + 1),
		heldOut: prompts.map(({ text }) => isHeldOut(text)),
		...{ skipped: [], noted: [], layout: null },
	});
}

function bringPairs({ imported }: Session, rows: readonly string[]): void {
	const pairs = rows.map((row, i) => {
		const { prompt = '', chosen = '', rejected = '' } = JSON.parse(row) as Record<string, string>;
		const pair = preferencePair(`u-${i}.p1`, prompt, chosen, rejected);
		return { ...pair, prompt: { ...pair.prompt, id: `u-${i}` }, method: 'imported' };
	});
	imported.pairs.take({
		set: { source: 'mine.jsonl', pairs },
		lines: pairs.map((_, i) => i + 1),
		heldOut: pairs.map(({ prompt }) => isHeldOut(prompt.text)),
		skipped: [],
	});
}

describe('pairs with a prompt that is too long, B8-long-held-out.jsonl', () => {
	it('leave that prompt out of the scores before and after, and train on', async () => {
		const { session, fakes } = open({
			...PAIRS,
			prompts: { ...PAIRS.prompts, count: 400 },
			evaluation: { ...PAIRS.evaluation, count: 400 },
		});
		const limit = 100;
		fakes.compute.promptLimit = limit;
		bringPairs(session, caseLines('B8-long-held-out.jsonl'));
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(session.run.player.transport).toBe('done');
		const { evaluation, prompt, loss } = session.steps;
		const lost = [...prompt.heldOut, ...session.steps.pair.pairs.map((pair) => pair.prompt)].filter(
			({ text }) => text.split(' ').length > limit,
		);
		expect(lost).toHaveLength(1);
		const results = evaluation.results;
		expect(results.map(({ mode, step }) => `${mode} ${step}`)).toEqual([
			'greedy 0',
			'sampled 0',
			'greedy 4',
			'greedy 8',
			'sampled 8',
		]);
		const isHeldOut = prompt.heldOut.includes(lost[0]!);
		for (const result of results) {
			expect(result.answers).toHaveLength(prompt.heldOut.length - (isHeldOut ? 1 : 0));
			expect((result.leftOut ?? []).map(({ id }) => id)).toEqual(isHeldOut ? [lost[0]!.id] : []);
		}
		expect(loss.plan?.leftOut).toHaveLength(isHeldOut ? 0 : 1);
		expect(session.run.status.sentence).toMatch(/1 (held-out prompt|pair) was left out\.$/);
		expect(fakes.compute.jobs[0]?.pairs.length).toBe(session.steps.pair.pairs.length);
	});
});

describe('prompts that are too long', () => {
	const texts = [...Array.from({ length: 40 }, (_, i) => `Say word ${i}`), long(600), long(700, 'b')];

	async function run(fakes: Fakes): Promise<Session> {
		const { session } = open({ ...OWN, prompts: { ...OWN.prompts, count: 50 } }, fakes);
		bringPrompts(session, texts);
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(session.run.player.transport).toBe('done');
		return session;
	}

	it.each(['with WebLLM', 'without WebLLM'])(
		'%s: are left out and named, and the rest is sampled',
		async (how) => {
			const fakes = how === 'with WebLLM' ? createFakes() : withoutWebGpu();
			fakes.target.before = ({ messages }) => {
				const tokens = (messages[0]?.content ?? '').split(' ').length;
				if (tokens <= LIMIT) return;
				throw new ShapeError(`The chat has ${tokens} tokens.`, { code: 'prompt-too-long' });
			};
			const session = await run(fakes);
			const { output, prompt, evaluation } = session.steps;
			const tooLong = [...prompt.prompts, ...prompt.heldOut].filter(
				({ text }) => text.split(' ').length > LIMIT,
			);
			expect(tooLong).toHaveLength(2);
			expect(output.faults.length + evaluation.leftOut.length).toBe(2);
			expect(output.open).toBe(0);
			expect(output.done).toBe(prompt.prompts.length - output.faults.length);
			for (const { id, error } of [...output.faults, ...evaluation.leftOut]) {
				expect(tooLong.some((one) => id.startsWith(one.id))).toBe(true);
				expect(error.code).toBe('prompt-too-long');
			}
		},
	);

	it('are named with number, start, length and limit', () => {
		const rows = [
			{ id: 'a', text: 'fine' },
			{ id: 'b', text: long(600) },
		];
		const [named] = namedFaults([rowFault('b', promptTooLong(600, 511))], 'prompt', rows);
		expect(named?.name).toBe(`prompt 2, “${'a '.repeat(20)}…”`);
		expect(named?.reason).toContain('too long: 600 tokens, limit 511');
		expect(named?.reason).toContain('Shorten the prompt');
	});

	it('stay left out when the stored run is opened and resumed, without another question', async () => {
		const fakes = withoutWebGpu();
		const first = await run(fakes);
		const { output, evaluation } = first.steps;
		const record = fakes.store.runs.get(first.run.id ?? '');
		expect(v.is(runRecordSchema, record)).toBe(true);
		const asked = fakes.compute.generated.length;
		const again = new Session(fakes.ports);
		await again.open(first.run.id ?? '');
		expect(again.steps.output.faults).toEqual(output.faults);
		expect(again.steps.evaluation.leftOut).toEqual(evaluation.leftOut);
		expect(again.steps.loss.plan?.leftOut).toEqual(first.steps.loss.plan?.leftOut);
		await again.resume();
		expect(again.run.player.transport).toBe('done');
		expect(fakes.compute.generated.length).toBe(asked);
	});

	it('no longer end a stored run that they had ended', async () => {
		const { session, fakes } = open({ ...OWN, prompts: { ...OWN.prompts, count: 50 } });
		bringPrompts(session, texts);
		fakes.compute.generateError = promptTooLong(600, LIMIT);
		await session.startRun();
		expect(session.run.player.transport).toBe('failed');
		expect(session.run.phase).toBe('evaluating-before');
		fakes.compute.generateError = null;
		const again = new Session({ ...fakes.ports, newCompute: () => fakes.compute });
		await again.open(session.run.id ?? '');
		await again.resume();
		expect(again.run.failure).toBeNull();
		expect(again.run.player.transport).toBe('done');
		const { loss, evaluation } = again.steps;
		expect((loss.plan?.leftOut?.length ?? 0) + evaluation.leftOut.length).toBe(2);
	});

	it('say so if there is no other prompt', async () => {
		const { session } = open({ ...OWN }, withoutWebGpu());
		bringPrompts(
			session,
			Array.from({ length: 20 }, (_, i) => long(600, `w${i}`)),
		);
		await session.startRun();
		expect(session.run.failure?.error.code).toBe('no-outputs');
		expect(session.run.failure?.happened).toMatch(
			/can answer none of the \d+ prompts\. The first: .*too long: 600/,
		);
	});
});

it('goes on if every held-out prompt is left out', async () => {
	const { session, fakes } = open({ ...PAIRS });
	const row = (i: number) => JSON.stringify({ prompt: `Say word ${i}`, chosen: 'yes', rejected: 'no' });
	bringPairs(
		session,
		Array.from({ length: 40 }, (_, i) => row(i)),
	);
	const generate = fakes.compute.generate.bind(fakes.compute);
	fakes.compute.generate = async (request, onReply, signal) =>
		(await generate(request, onReply, signal)).map(() => ({
			refused: rowFault('', promptTooLong(9, 8)).error,
		}));
	await session.startRun();
	expect(session.run.failure).toBeNull();
	const { evaluation, prompt } = session.steps;
	expect(evaluation.before?.answers).toEqual([]);
	expect(evaluation.leftOut).toHaveLength(prompt.heldOut.length);
	expect(evaluation.comparison).toBeNull();
	expect(session.run.status.sentence).toContain(`${prompt.heldOut.length} held-out prompts were left out.`);
});

it('compares the same prompts before and after if one had an answer only before', async () => {
	const { session, fakes } = open(SMALL);
	const generate = fakes.compute.generate.bind(fakes.compute);
	fakes.compute.generate = async (request, onReply, signal) =>
		(await generate(request, onReply, signal)).map((reply, i) =>
			i === 0 && request.adapter !== null ? { refused: rowFault('', promptTooLong(9, 8)).error } : reply,
		);
	await session.startRun();
	const { evaluation } = session.steps;
	expect(evaluation.comparison).toMatchObject({ before: { n: 7 }, after: { n: 7 }, difference: { n: 7 } });
	expect(evaluation.course.map(({ estimate }) => estimate.n)).toEqual([7, 7, 7]);
	const { before, after } = runReport(session.run.record()!).heldOut;
	expect([before.greedy.n, after.greedy.n, before.sampled.n, after.sampled.n]).toEqual([7, 7, 7, 7]);
	expect(evaluation.before?.estimate.n).toBe(8);
});

it('leaves out an answer that samples to nothing, and asks no reviser about it', async () => {
	const { session, fakes } = open(SMALL);
	const complete = fakes.target.complete.bind(fakes.target);
	let n = 0;
	fakes.target.complete = (...args) => (++n === 3 ? Promise.resolve(fakeReply(' \n')) : complete(...args));
	await session.startRun();
	expect(session.run.player.transport).toBe('done');
	expect(session.steps.output.faults).toMatchObject([{ error: { code: 'answer-empty' } }]);
	expect(fakes.reviser.asked).toBe(11);
	expect(session.steps.pair.pairs).toHaveLength(11);
});

it('stops scoring if WebLLM fails for every prompt in the same way', async () => {
	const { session, fakes } = open({ ...SMALL, evaluation: { ...SMALL.evaluation, engine: 'webllm' } });
	session.steps.prompt.draw(SMALL);
	for (const { text } of session.steps.prompt.heldOut) fakes.target.failFor.add(text);
	await session.startRun();
	expect(session.run.failure?.error.code).toBe('engine-broke');
});

it('asks one by one if a whole batch fails, so that one row costs no other', async () => {
	const { session, fakes } = open(SMALL, withoutWebGpu());
	session.steps.prompt.draw(SMALL);
	const bad = session.steps.prompt.prompts[4]?.text ?? '';
	const generate = fakes.compute.generate.bind(fakes.compute);
	fakes.compute.generate = (request, onReply, signal) =>
		request.prompts.some((messages) => messages[0]?.content === bad)
			? Promise.reject(new ShapeError('A row broke the call.', { code: 'row-broken' }))
			: generate(request, onReply, signal);
	await session.startRun();
	expect(session.run.player.transport).toBe('done');
	expect(session.steps.output.rows.filter(({ state }) => state === 'failed')).toMatchObject([
		{ prompt: { text: bad }, error: { code: 'row-broken' } },
	]);
	expect(session.steps.pair.pairs).toHaveLength(11);
});
