/** Stronger preferred: the answer of a stronger model is chosen, the target model's own answer rejected. No judge is asked. */
import type { Output } from '../../output/output.ts';
import { pairIds, type PreferencePair } from '../pair.ts';
import { PairCollector } from './collect.ts';
import type { BuiltPairs, DataMethod, LeftOutReason } from './method.ts';

const ID = 'stronger_preferred';

const REASONS = {
	equal: { text: 'both models gave the same answer', open: false },
	'no-answer': { text: 'the stronger model has not answered', open: true },
	/** Its end is missing, so it is no better answer. */
	'cut-off': { text: 'the stronger model’s answer was cut off at its limit of tokens', open: false },
	duplicate: { text: 'the same as another pair', open: false },
} as const satisfies Record<string, LeftOutReason>;
type Reason = keyof typeof REASONS;

export const strongerPreferred: DataMethod = {
	id: ID,
	title: 'stronger preferred',
	source: 'prompts',
	stages: ['outputs', 'answers'],
	answersPerPrompt: 1,
	answersBy: 'stronger',
	othersPerPrompt: 1,
	build: ({ outputs, answers }) => strongerPairs(outputs, answers),
	leftOutReasons: REASONS,
	texts: {
		choice: 'a stronger model’s answers over its own',
		planned: () => 'all that differ',
		made: 'kept',
		noPairs: 'Every answer of the stronger model that differs from the model’s own becomes a pair.',
		chosenBy: 'the stronger model’s answer',
		rejectedBy: 'the model’s answer',
		ownAnswer: 'It becomes the rejected side of a pair with a stronger model’s answer.',
		pair: 'The two answers come from two models. They differ in what matters and in manner, and the loss cannot tell one from the other.',
		steps: {
			output: 'The answer of the small model today, and that of a stronger model.',
			revision: 'Nothing to do: no answer is edited or judged.',
			pair: 'The stronger model’s answer is chosen, the small model’s rejected.',
		},
		skipped: 'not revised',
		skippedNote:
			'This run prefers a stronger model’s own answers, so nothing is revised or judged. The pairs are under',
	},
};

function strongerPairs(outputs: readonly Output[], answers: readonly Output[]): BuiltPairs {
	const collected = new PairCollector();
	const byPrompt = new Map(answers.map((answer) => [answer.prompt.id, answer]));
	const nextId = pairIds();
	for (const output of outputs) {
		const id = nextId(output.prompt.id);
		const answer = byPrompt.get(output.prompt.id);
		const reason = leftOutReason(output, answer);
		if (reason !== null || answer === undefined) collected.leaveOut(output.id, reason ?? 'no-answer');
		else collected.add(output.id, pairOf(id, output, answer));
	}
	return collected.built;
}

function leftOutReason({ text }: Output, answer: Output | undefined): Reason | null {
	if (answer === undefined) return 'no-answer';
	if (answer.finishReason !== 'stop') return 'cut-off';
	return answer.text === text ? 'equal' : null;
}

function pairOf(id: string, { id: rejectedId, prompt, text }: Output, answer: Output): PreferencePair {
	return {
		id,
		prompt,
		chosen: answer.text,
		rejected: text,
		method: ID,
		from: { chosen: { kind: 'answer', id: answer.id }, rejected: { kind: 'output', id: rejectedId } },
		edited: false,
	};
}
