import { lab, labDifference } from '../lab/lab.ts';
import type { Lesson } from '../lesson.ts';

const good = lab('on_policy good judge');
const long = lab('on_policy long judge');
const noisy = lab('on_policy biased judge');

export const longAnswers: Lesson = {
	id: 'long-answers',
	title: 'A judge that likes long answers',
	question: 'What does a model learn from a judge that prefers length?',
	minutes: 5,
	runs: [
		{ recording: 'recorded-long-judge', label: 'long answers' },
		{ recording: 'recorded-good-judge', label: 'good judge' },
	],
	points: [
		{
			text: 'This judge prefers the better answer by the rubric in {judgeRight} of its decisions and the longer answer in {judgeLonger}. Its length bias is one of the recipe’s sliders, and here it is small.',
			view: 'revision',
			region: 'The judge',
			run: 'recorded-good-judge',
		},
		{
			text: 'The same answers under a judge that adds 0.3 to a score for each word: it prefers the longer answer in {judgeLonger} of its decisions, and the better one in {judgeRight}.',
			view: 'revision',
			region: 'The judge',
		},
		{
			text: 'In pair {longerPair} the chosen answer is longer than the rejected one and scores lower by the rubric. On average over all {pairs} pairs, its winners have {chosenWords} words, its losers {rejectedWords}, and the winners score {chosenScore}.',
			view: 'pair',
			region: 'Pair',
			pair: 'longerButWorse',
		},
		{
			text: `The score went from {before} to {after} ({gain}, seed {seed}), and the greedy answers from {wordsBefore} to {wordsAfter} words; with the good judge they have ${good.words}. Good judge minus this judge is ${labDifference('on_policy good judge − on_policy long judge')}; an interval that includes 0 is no finding.`,
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'Read the answers that got worse. One click on “good judge” shows the same prompts after the other judge: in a world of short answers the bias shows in the pairs, and hardly in the model.',
			view: 'evaluation',
			region: 'Got worse',
		},
		{
			text: `Accuracy alone does not describe a judge. One with more noise and little bias is right in ${noisy.judgeRight} of its decisions, this one in ${long.judgeRight} (all seeds). The noisy one minus this one is ${labDifference('on_policy biased judge − on_policy long judge')}.`,
			view: 'revision',
			region: 'The judge',
		},
	],
};
