import type { Objective } from './objective.ts';

export const apoDown: Objective = {
	id: 'apo_down',
	trlName: 'apo_down',
	title: 'APO-down',
	loss: 'sigma(r_w) + 1 - sigma(r_w - r_l)',
	whenToUse:
		'Use it when the chosen answers are worse than the model’s own, but still better than the rejected ones.',
	does: 'Lowers both answers, the rejected one more.',
	source: 'arXiv 2408.06266',
	equation: 'eq. 8, plus the constant 1 that TRL adds',
};
