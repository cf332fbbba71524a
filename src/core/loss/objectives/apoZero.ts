import type { Objective } from './objective.ts';

export const apoZero: Objective = {
	id: 'apo_zero',
	trlName: 'apo_zero',
	title: 'APO-zero',
	loss: '1 - sigma(r_w) + sigma(r_l)',
	whenToUse: 'Use it when the chosen answers are better than the model’s own.',
	does: 'Raises the chosen answer and lowers the rejected one, each on its own.',
	source: 'arXiv 2408.06266',
	equation: 'eq. 7, plus the constant 1 that TRL adds',
};
