import { lab, labDifference } from '../lab/lab.ts';
import type { Lesson } from '../lesson.ts';

const clair = lab('clair apo_zero');
const judged = lab('on_policy good judge');
const foreign = lab('stronger foreign manner');

export const editSmall: Lesson = {
	id: 'edit-small',
	title: 'Why the edit should be small',
	question: 'Why revise the model’s own answer, if a judge can pick the better of two?',
	minutes: 6,
	runs: [
		{ recording: 'recorded', label: 'CLAIR' },
		{ recording: 'recorded-good-judge', label: 'good judge' },
		{ recording: 'recorded-foreign-manner', label: 'foreign manner' },
	],
	points: [
		{
			text: 'In this run a reviser edited the model’s own answers; this is one of its {pairs} pairs. On average over all pairs, both sides share {shared} of their words, and the winners score {chosenScore} by the rubric, the losers {rejectedScore}.',
			view: 'pair',
			region: 'Pair',
		},
		{
			text: 'Here a judge picked the better of two answers of the same model. Over all {pairs} pairs, the winners score {chosenScore} on average: the better of two can still be wrong. Both sides share {shared} of their words.',
			view: 'pair',
			region: 'Pair',
			run: 'recorded-good-judge',
		},
		{
			text: 'It is no fault of the judge: it prefers the better answer by the rubric in {judgeRight} of its decisions.',
			view: 'revision',
			region: 'The judge',
			run: 'recorded-good-judge',
		},
		{
			text: `A reward is a sum over tokens. With CLAIR ${clair.editedCredit} of the credit is on edited tokens, which are ${clair.editedTokens} of all tokens; with the judge ${judged.editedCredit}, on ${judged.editedTokens} (means of the grid’s ${clair.seeds} seeds). Press “Measure all pairs” to see the shares of this run.`,
			view: 'loss',
			region: 'Token credit',
		},
		{
			text: `With the judge the score went from {before} to {after} ({gain}, seed {seed}). One click on “CLAIR” shows the other run. CLAIR minus judge is ${labDifference('clair apo_zero − on_policy good judge')}.`,
			view: 'evaluation',
			region: 'Held-out score',
			run: 'recorded-good-judge',
		},
		{
			text: `A right winner is not enough. Here a stronger model wrote right winners in a manner that is foreign to this model: the score changes by ${foreign.change}, and ${foreign.broken} models are broken. In the model’s own manner, CLAIR minus stronger is ${labDifference('clair apo_zero − stronger own manner')}.`,
			view: 'evaluation',
			region: 'Got worse',
			run: 'recorded-foreign-manner',
		},
	],
};
