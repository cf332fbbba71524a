/** The embedded cast, through the endpoint's own handler: deterministic, and as good as it says. */
import { describe, expect, test } from 'vitest';
import { CAST, castWords } from '#core/cast/registry.ts';
import { writeCastName } from '#core/cast/castName.ts';
import { judge } from '#core/cast/models/judge.ts';
import { judgementRequests, readAsked, waitingJudgement, withReplies } from '#core/judgement/decide.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import { judgeAccuracy, longerPreferred, positionBias } from '#core/judgement/summary.ts';
import { rng } from '#core/math/rng.ts';
import type { Message } from '#core/output/output.ts';
import { parseReply } from '#core/revision/replyParser.ts';
import { revisionRequest } from '#core/revision/request.ts';
import { answerPrompt, scoreAnswer, worldOf } from '#core/world/registry.ts';
import type { WorldId } from '#core/world/world.ts';
import { handleChatCompletions } from '#runtime/endpoint/embedded.ts';

interface Completion {
	choices: [{ message: { content: string } }];
	error?: { message: string; code: string };
}

async function ask(model: string, messages: readonly Message[], seed = 1): Promise<Completion> {
	const body = JSON.stringify({ model, messages, seed });
	const request = new Request('http://x/v1/chat/completions', { method: 'POST', body });
	return (await handleChatCompletions(request)).json() as Promise<Completion>;
}

const textOf = (reply: Completion): string => reply.choices[0].message.content;
const asUser = (content: string): Message[] => [{ role: 'user', content }];
const promptsOf = (world: WorldId, count = 240) => worldOf(world).prompts({ count, seed: 1, split: 'train' });

/** Two answers to each prompt as the embedded model gives them, two thirds of them flawed, and the judge's verdicts. */
async function judged(name: string, count = 240): Promise<readonly Judgement[]> {
	const habits = { flawed: 0.65, manner: 'own' } as const;
	const rows = promptsOf('tiny', count).map((prompt) => {
		const [first, second] = [1, 2].map((n) => {
			const text = answerPrompt(prompt.text, habits, rng(n).fork(prompt.text));
			return {
				kind: 'output' as const,
				id: `${prompt.id}.o${n}`,
				text: typeof text === 'string' ? text : '',
				model: 'm',
			};
		});
		if (first === undefined || second === undefined) throw new Error('two answers');
		return waitingJudgement({ prompt, first, second });
	});
	return Promise.all(
		rows.map(async (row) => {
			if (row.state === 'judged') return row;
			const [one, other] = await Promise.all(judgementRequests(row).map((messages) => ask(name, messages)));
			if (one === undefined || other === undefined) throw new Error('two replies');
			const read = (reply: Completion, swapped: boolean) =>
				readAsked({ text: textOf(reply), finishReason: 'stop' }, swapped);
			return withReplies(row, [read(one, false), read(other, true)]);
		}),
	);
}

describe('the judge', () => {
	test('is right in about 84% of such pairs with its default faults, and always without them', async () => {
		const accuracyOf = async (name: string): Promise<number> => {
			const { right, decided } = judgeAccuracy(await judged(name)) ?? { right: 0, decided: 1 };
			expect(decided).toBeGreaterThan(100);
			return right / decided;
		};
		const accuracy = await accuracyOf('embedded-judge');
		expect(accuracy).toBeGreaterThan(0.78);
		expect(accuracy).toBeLessThan(0.92);
		expect(await accuracyOf('embedded-judge:lengthBias=0,noise=0')).toBe(1);
		expect(await accuracyOf('embedded-judge:noise=10')).toBeLessThan(0.7);
	});

	test('prefers longer answers with a length bias, and no position', async () => {
		const rows = await judged('embedded-judge:lengthBias=1,noise=0', 120);
		const { longer, decided } = longerPreferred(rows);
		expect(longer / decided).toBeGreaterThan(0.9);
		const { first, picks } = positionBias(rows);
		expect(first * 2).toBe(picks);
		expect(rows.some(({ tie }) => tie === 'position')).toBe(false);
	});

	test('gives the same verdicts for the same seed', async () => {
		expect(await judged('embedded-judge', 40)).toEqual(await judged('embedded-judge', 40));
	});

	test('declines prompts of no world', async () => {
		const row = { prompt: { id: 'u-1', text: 'Hello?', family: null } };
		const answer = (n: number) => ({ kind: 'output' as const, id: `u-1.o${n}`, text: `Hi ${n}`, model: 'm' });
		const [messages = []] = judgementRequests({ ...row, first: answer(1), second: answer(2) });
		const asked = readAsked(
			{ text: textOf(await ask('embedded-judge', messages)), finishReason: 'stop' },
			false,
		);
		expect(asked).toMatchObject({ verdict: null, unread: 'refusal' });
		expect(textOf(await ask('embedded-judge', asUser('Hello!')))).toMatch(/^I cannot chat/);
	});
});

describe('models that answer', () => {
	const MODELS = [
		['embedded-stronger', 0.92],
		['embedded-stronger:manner=own,flawed=0', 1],
		['embedded-other-a', 0.72],
		['embedded-other-c', 0.62],
		['embedded-other-b', 0.5],
	] as const;

	test.each(MODELS)('%s scores at least %d on the tiny world, the same at every try', async (name, least) => {
		const prompts = promptsOf('tiny');
		const answers = await Promise.all(prompts.map(({ text }) => ask(name, asUser(text))));
		const scores = answers.map((reply, i) => scoreAnswer(prompts[i]?.text ?? '', textOf(reply))?.score ?? 0);
		const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
		expect(mean).toBeGreaterThanOrEqual(least);
		expect(mean).toBeLessThan(least + 0.16);
		const [prompt] = prompts;
		expect(await ask(name, asUser(prompt?.text ?? ''))).toMatchObject({ choices: answers[0]?.choices });
	});

	test('the stronger model answers most instructions rightly, and refuses the others in words', async () => {
		let [right, refused] = [0, 0];
		for (const { text } of promptsOf('instructions', 140)) {
			const reply = await ask('embedded-stronger:flawed=0', asUser(text));
			if (reply.error !== undefined) {
				expect(reply.error).toMatchObject({ code: 'cannot_answer' });
				expect(reply.error.message).toMatch(
					/^embedded-stronger cannot answer this prompt: a rule knows too little/,
				);
				refused++;
			} else if (scoreAnswer(text, textOf(reply))?.strict === true) right++;
		}
		expect(right + refused).toBe(140);
		expect(refused).toBeLessThan(20);
	});

	test('two manners differ and are both right', async () => {
		const prompt = 'Sort these words: pear grape mango.';
		expect(textOf(await ask('embedded-stronger:flawed=0', asUser(prompt)))).toBe('grape, mango and pear.');
		expect(textOf(await ask('embedded-stronger:flawed=0,manner=own', asUser(prompt)))).toBe(
			'grape, mango, pear.',
		);
	});

	test('own prompts are refused in words', async () => {
		const { error } = await ask('embedded-other-a', asUser('Write a sonnet.'));
		expect(error?.message).toMatch(/embedded-other-a cannot answer this prompt: it only knows/);
	});
});

describe('the reviser’s skill', () => {
	const revisedScore = async (skill: number): Promise<{ mean: number; changed: number }> => {
		const prompts = promptsOf('tiny', 160);
		let [sum, changed] = [0, 0];
		for (const { text } of prompts) {
			const answer = answerPrompt(text, { flawed: 1, manner: 'own' }, rng(5).fork(text));
			const flawed = typeof answer === 'string' ? answer : '';
			const reply = textOf(await ask(`embedded-reviser:skill=${skill}`, revisionRequest(text, flawed)));
			const parsed = parseReply(reply, flawed);
			const revised = parsed.ok ? parsed.revised : flawed;
			if (revised !== flawed) changed++;
			const score = scoreAnswer(text, revised)?.score ?? 0;
			expect(score).toBeGreaterThanOrEqual(scoreAnswer(text, flawed)?.score ?? 0);
			sum += score;
		}
		return { mean: sum / prompts.length, changed: changed / prompts.length };
	};

	test('mends every fault at 1, none at 0, and some between', async () => {
		expect(await revisedScore(1)).toEqual({ mean: 1, changed: 1 });
		expect((await revisedScore(0)).changed).toBe(0);
		const half = await revisedScore(0.5);
		expect(half.changed).toBeGreaterThan(0.35);
		expect(half.changed).toBeLessThan(0.8);
		expect(half.mean).toBeLessThan(0.95);
	});
});

describe('names with settings', () => {
	test('leave out what equals a default', () => {
		expect(writeCastName(judge, { lengthBias: 0.05, noise: 0 })).toBe('embedded-judge:noise=0');
		expect(writeCastName(judge, {})).toBe('embedded-judge');
	});

	test.each([
		['embedded-judge:loudness=1', 'has no setting “loudness”; it has lengthBias, noise.'],
		['embedded-judge:noise=11', 'noise of embedded-judge must be a number between 0 and 10.'],
		['embedded-judge:noise', 'noise of embedded-judge must be a number between 0 and 10.'],
		['embedded-stronger:manner=loud', 'manner of embedded-stronger must be one of own, foreign.'],
		['embedded-judge:toString=1', 'has no setting “toString”'],
	])('%s is refused', async (name, message) => {
		expect((await ask(name, asUser('Hi'))).error?.message).toContain(message);
	});

	test.each([
		['embedded-judge', 'built-in judge'],
		['embedded-judge:lengthBias=0.01,noise=0.15', 'built-in judge, length bias 0.01, noise 0.15'],
		['embedded-stronger:manner=own', 'built-in stronger model, manner own'],
		['embedded-judge:loudness=1', 'embedded-judge:loudness=1'],
		['qwen3:4b', 'qwen3:4b'],
	])('%s in words: %s', (name, words) => {
		expect(castWords(name)).toBe(words);
	});

	test('all models are listed', async () => {
		const list = (await (await handleChatCompletions(new Request('http://x/v1/models'))).json()) as {
			data: { id: string }[];
		};
		expect(list.data.map(({ id }) => id)).toEqual(CAST.map(({ id }) => id));
	});
});
