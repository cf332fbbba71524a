/** Definitions of one line, for the terms that the page uses. */

export const GLOSSARY = {
	beta: 'β: the factor of the reward. A large β makes a small change of a probability count as much.',
	rank: 'Rank: the number of directions in which the adapter can change each matrix. More directions, more parameters.',
	clair:
		'CLAIR: pairs made by revising the model’s own answer as little as possible; the revision is the chosen answer.',
	objective:
		'Objective: the loss of one pair, which training lowers. APO’s objectives fix whether the chosen answer should rise or fall, not only its distance from the rejected one.',
	adapter:
		'Adapter: small matrices that are added to the model’s own, which stay the same. Only they learn (LoRA).',
	reference:
		'Reference model: the model before this training, with the adapter off. Rewards are measured against it.',
	chosen: 'Chosen: the better answer of a pair; y_w in formulas, w for winner.',
	rejected: 'Rejected: the worse answer of a pair; y_l in formulas, l for loser.',
	jaccard:
		'Token Jaccard: the words that both texts have, divided by the words that either has. Each word counts once, so order and repetition do not matter.',
	levenshtein:
		'Levenshtein: the fewest characters to insert, delete or replace that turn one text into the other, as a share of the longer one.',
	token: 'Token: a piece of text that the model reads and writes as one; often a word or a part of one.',
	logp: 'Log-probability: the logarithm of the probability that the model gives to a text, in nats; at most 0.',
	kl: 'KL: how far the tuned model’s distribution of answers is from the base model’s, in nats. It is 0 at the start.',
	entropy: 'Entropy: how undecided the model is about the next token, in nats. At 0 it has only one choice.',
	checkpoint:
		'Checkpoint: the adapter as it was after a step, kept so that training can resume and answers can be compared.',
	heldOut: 'Held out: never trained on, so that a score shows learning and not memory.',
	greedy:
		'Greedy: the model always writes its likeliest next token, so that the same prompt gives the same answer.',
	interval:
		'Interval: the true value is in it in 95 of 100 such measurements; found by drawing the prompts again and again (bootstrap).',
	accuracy: 'Accuracy: the share of pairs whose margin is above 0. A tie does not count.',
	temperature: 'Temperature: how much chance decides the next token. At 0 the likeliest is always taken.',
	rubric: 'Rubric: the named checks of a task, each with a weight; together they give the score.',
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
