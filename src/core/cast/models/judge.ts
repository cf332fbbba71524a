/**
 * The embedded judge: prefers what scores better by the rubric, with two known faults that can be set. A length bias adds a
 * little for every word, and noise makes it err. Its opinion of an answer does not depend on the answer beside it, so it has no
 * position bias, and it keeps its opinion when the positions are swapped.
 *
 * With a length bias of 0.05 and noise of 0.6 it was right in 82% of the embedded model's pairs that score differently (195 of 239,
 * default recipe, seed 1), and in 84% of the other models' pairs (203 of 241).
 */
import { judgeReply, readJudgeRequest } from '../../judgement/request.ts';
import { rng } from '../../math/rng.ts';
import { scoreAnswer } from '../../world/registry.ts';
import type { WorldScore } from '../../world/world.ts';
import { type CastModel, type CastValues, numberOf } from '../castModel.ts';

/** Opinions that are closer than this are a tie. */
const TIE = 0.05;

export const judge: CastModel = {
	id: 'embedded-judge',
	title: 'built-in judge',
	settings: {
		/** Added to the score for each word. */
		lengthBias: { title: 'length bias', kind: 'number', default: 0.05, min: -1, max: 1 },
		/** Standard deviation of the error in the difference of two scores. */
		noise: { title: 'noise', kind: 'number', default: 0.6, min: 0, max: 10 },
	},
	reply(messages, seed, values) {
		const task = readJudgeRequest(messages);
		if (task === null)
			return {
				text: 'I cannot chat: I am the judge of the built-in worlds, and I only compare two answers in the form that the workbench sends.',
			};
		const { prompt, a, b } = task;
		const scores = [scoreAnswer(prompt, a), scoreAnswer(prompt, b)] as const;
		if (scores[0] === null || scores[1] === null)
			return {
				text: 'I cannot compare these answers: I only know the tasks of the built-in worlds, and this question is not one of them. Choose another endpoint for your own prompts.',
			};
		const of = (answer: string, { score }: WorldScore): number =>
			score + opinion(prompt, answer, seed, values);
		const opinions = { a: of(a, scores[0]), b: of(b, scores[1]) };
		const difference = opinions.a - opinions.b;
		const verdict = Math.abs(difference) < TIE ? 'tie' : difference > 0 ? 'A' : 'B';
		const words = `Assistant A: ${remark(scores[0])} Assistant B: ${remark(scores[1])}`;
		return { text: judgeReply(words, opinions, verdict) };
	},
};

/** Added to the answer's score. Two answers share the variance of the noise. */
function opinion(prompt: string, answer: string, seed: number, values: CastValues): number {
	const length = answer.trim() === '' ? 0 : answer.trim().split(/\s+/).length;
	const error = rng(seed).fork(`judge:${prompt}:${answer}`).normal() / Math.SQRT2;
	return numberOf(values, 'lengthBias') * length + numberOf(values, 'noise') * error;
}

/** The first fault that the rubric finds. */
function remark({ checks }: WorldScore): string {
	return checks.find(({ passed }) => !passed)?.reason ?? 'The answer does what was asked.';
}
