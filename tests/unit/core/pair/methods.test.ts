/** The data methods with a judge or a stronger model: every row gives a pair or a reason. */
import { describe, expect, test } from 'vitest';
import { waitingJudgement, withJudgeFailure } from '#core/judgement/decide.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import { toWire } from '#core/errors.ts';
import { answerId, type Output, outputId } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { PairSources } from '#core/pair/methods/method.ts';

const NOTHING: PairSources = { outputs: [], answers: [], revisions: [], judgements: [], imported: [] };
const SETTINGS = { minJaccard: 0 };
const onPolicy = methodOf('on_policy_judge');
const offPolicy = methodOf('off_policy_judge');
const stronger = methodOf('stronger_preferred');

const output = (prompt: string, text: string, id: string): Output => ({
	id,
	prompt: { id: prompt, text: `Say ${prompt === 'p8' ? 'p1' : prompt}.`, family: null },
	text,
	finishReason: 'stop',
	model: 'm',
	sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
	tokens: 2,
});
const two = (prompt: string, first: string, second: string): Output[] => [
	output(prompt, first, outputId(prompt, 1)),
	output(prompt, second, outputId(prompt, 2)),
];
const verdict = (row: Judgement, change: Partial<Judgement>): Judgement => ({
	...row,
	state: 'judged',
	...change,
});

describe('on-policy judge', () => {
	const outputs = [
		...two('p1', 'good', 'bad'),
		...two('p2', 'bad', 'good'),
		...two('p3', 'same', 'same'),
		...two('p4', 'a', 'b'),
		...two('p5', 'a', 'b'),
		...two('p6', 'a', 'b'),
		...two('p7', 'a', 'b'),
		...two('p8', 'good', 'bad'),
		output('p9', 'only', outputId('p9', 1)),
	];
	const rows = onPolicy.comparisons?.({ outputs, answers: [] }).map(waitingJudgement) ?? [];
	const judgements = rows.map((row, i) => {
		switch (i) {
			case 0:
			case 7:
				return verdict(row, { verdict: 'first' });
			case 1:
				return verdict(row, { verdict: 'second' });
			case 3:
				return verdict(row, { verdict: 'tie', tie: 'position' });
			case 4:
				return { ...row, state: 'unread' as const };
			case 5:
				return withJudgeFailure(row, toWire(new Error('down')));
			default:
				return row;
		}
	});

	test('compares the two answers to a prompt', () => {
		expect(rows).toHaveLength(8);
		expect(rows[0]).toMatchObject({
			first: { id: 'p1.o1', text: 'good' },
			second: { id: 'p1.o2', text: 'bad' },
		});
	});

	test('prefers what the judge prefers, and leaves out the rest with a reason', () => {
		const { pairs, leftOut } = onPolicy.build({ ...NOTHING, outputs, judgements }, SETTINGS);
		expect(pairs.map(({ id, chosen, rejected, from }) => [id, chosen, rejected, from])).toEqual([
			[
				'p1.p1',
				'good',
				'bad',
				{ chosen: { kind: 'output', id: 'p1.o1' }, rejected: { kind: 'output', id: 'p1.o2' } },
			],
			[
				'p2.p1',
				'good',
				'bad',
				{ chosen: { kind: 'output', id: 'p2.o2' }, rejected: { kind: 'output', id: 'p2.o1' } },
			],
		]);
		expect(leftOut.map(({ reason }) => reason)).toEqual([
			'equal',
			'position',
			'unread',
			'failed',
			'not-asked',
			'duplicate',
			'one-answer',
		]);
		for (const { reason } of leftOut) expect(onPolicy.leftOutReasons).toHaveProperty(reason);
	});

	test('ties only give no pair', () => {
		const ties = rows.map((row) => verdict(row, { verdict: 'tie', tie: row.tie ?? 'both-tie' }));
		const { pairs, leftOut } = onPolicy.build({ ...NOTHING, outputs, judgements: ties }, SETTINGS);
		expect(pairs).toEqual([]);
		expect(leftOut.filter(({ reason }) => reason === 'tie')).toHaveLength(7);
	});
});

test('off-policy judge: pairs of other models’ answers, those of a model that is down are missing', () => {
	const answers = [
		output('p1', 'x', answerId('p1', 1)),
		output('p1', 'y', answerId('p1', 2)),
		output('p2', 'x', answerId('p2', 1)),
	];
	const judgements =
		offPolicy
			.comparisons?.({ outputs: [], answers })
			.map((one) => verdict(waitingJudgement(one), { verdict: 'second' })) ?? [];
	const { pairs, leftOut } = offPolicy.build({ ...NOTHING, answers, judgements }, SETTINGS);
	expect(pairs).toMatchObject([
		{
			chosen: 'y',
			rejected: 'x',
			method: 'off_policy_judge',
			from: { chosen: { kind: 'answer', id: 'p1.a2' } },
		},
	]);
	expect(leftOut).toEqual([{ id: 'p2.a1', reason: 'one-answer' }]);
});

test('stronger preferred: the stronger answer wins, if it is there, whole and different', () => {
	const outputs = ['p1', 'p2', 'p3', 'p4'].map((prompt) => output(prompt, 'own', outputId(prompt, 1)));
	const answers = [
		output('p1', 'better', answerId('p1', 1)),
		output('p2', 'own', answerId('p2', 1)),
		{ ...output('p3', 'bett', answerId('p3', 1)), finishReason: 'length' as const },
	];
	const { pairs, leftOut } = stronger.build({ ...NOTHING, outputs, answers }, SETTINGS);
	expect(pairs).toMatchObject([{ id: 'p1.p1', chosen: 'better', rejected: 'own' }]);
	expect(leftOut.map(({ reason }) => reason)).toEqual(['equal', 'cut-off', 'no-answer']);
});
