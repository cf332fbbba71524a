import type { Objective } from './objective.ts';

export const sigmoidNorm: Objective = {
	id: 'sigmoid_norm',
	trlName: 'sigmoid_norm',
	title: 'DPO per token',
	loss: '-log_sigma(r_w/len_w - r_l/len_l)',
	whenToUse: 'Use it when the two answers differ in length and the longer one should have no advantage.',
	does: 'Widens the margin of the rewards per token.',
	source: 'arXiv 2305.18290',
	equation: 'eq. 7, with each reward divided by the answer’s length as in TRL',
};
