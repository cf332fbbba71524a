import { lab, labDifference } from '../lab/lab.ts';
import type { Lesson } from '../lesson.ts';

const down = lab('clair apo_down');
const worse = lab('worse winners apo_zero');
const worseDown = lab('worse winners apo_down');

export const wrongTool: Lesson = {
	id: 'wrong-tool',
	title: 'The wrong tool',
	question: 'What happens if the objective does not fit the pairs?',
	minutes: 6,
	runs: [
		{ recording: 'recorded-apo-down', label: 'APO-down' },
		{ recording: 'recorded', label: 'APO-zero' },
		{ recording: 'recorded-worse-winners', label: 'worse winners' },
	],
	points: [
		{
			text: 'APO-down lowers both sides of a pair, the chosen one less. It is made for a model that already answers better than the winning answers; here the winning answers are corrected ones. Its entry in this list says when to use it.',
			view: 'loss',
			region: 'Objectives',
			ownEntry: true,
		},
		{
			text: 'The smoothed rewards end at {chosenReward} for chosen and {rejectedReward} for rejected. The dots move left and down: the model moves away from both answers and has to write something else.',
			view: 'overview',
			region: 'Where the pairs are',
		},
		{
			text: `The score went from {before} to {after}: {gain} (seed {seed}). This is a broken model, not a weak one: ${down.broken} seeds show signs of it. Over ${down.seeds} seeds the change is ${down.change}.`,
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'Read what it writes now: {repeats} of its greedy answers repeat themselves. A falling reward of the chosen answers leaves room for text that nobody wanted.',
			view: 'evaluation',
			region: 'Got worse',
		},
		{
			text: `The same pairs with APO-zero: from {before} to {after}. Only the objective differs. APO-zero minus APO-down is ${labDifference('clair apo_zero − clair apo_down')}. The buttons of this lesson switch between the two runs.`,
			view: 'evaluation',
			region: 'Held-out score',
			run: 'recorded',
		},
		{
			text: `APO-zero follows its winners, also worse ones. This run begins from the tuned model, and its winners score {chosenScore}. Its sampled answers went from {sampledBefore} to {sampledAfter}: {sampledGain}; its greedy ones changed by {gain}. Over ${worse.seeds} seeds the sampled score changes by ${worse.sampledChange}, the greedy one by ${worse.change}. APO-down is no remedy at this learning rate: greedy ${worseDown.change}, ${worseDown.broken} models are broken.`,
			view: 'evaluation',
			region: 'Held-out score',
			decoding: 'sampled',
			run: 'recorded-worse-winners',
		},
	],
};
