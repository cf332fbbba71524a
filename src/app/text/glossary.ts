/** Definitions of one line, for the terms that the page uses. */

export const GLOSSARY = {
	beta: 'β: the factor of the reward. A large β makes a small change of a probability count as much.',
	rank: 'Rank: the number of directions in which the adapter can change each matrix. More directions, more parameters.',
	clair:
		'CLAIR: pairs made by revising the model’s own answer as little as possible; the revision is the chosen answer.',
	apo: 'APO: objectives that fix whether the chosen answer should rise or fall, not only its distance from the rejected one.',
	margin:
		'Margin: the reward of the chosen answer minus the reward of the rejected one. Above 0 the pair is in the right order.',
	reward:
		'Reward: β times how much likelier the answer is now than for the base model, in nats. It is 0 at the start.',
	rewardChosen: 'r_w: the reward of the chosen answer; w is for winner.',
	rewardRejected: 'r_l: the reward of the rejected answer; l is for loser.',
	gradient: 'Gradient: the direction in which the loss rises fastest. A step of training goes against it.',
	score: 'Score: the summed weights of the rubric’s checks that an answer passes, from 0 to 1.',
	pair: 'Pair: one prompt with a better (chosen) and a worse (rejected) answer.',
	nat: 'Nat: the unit of a natural logarithm. One nat more makes an answer 2.7 times as likely.',
} as const satisfies Readonly<Record<string, string>>;

export type GlossaryTerm = keyof typeof GLOSSARY;
