import type { Objective } from './objective.ts';

export const dpo: Objective = {
	id: 'dpo',
	trlName: 'sigmoid',
	title: 'DPO',
	loss: '-log_sigma(r_w - r_l)',
	whenToUse:
		'Use it as the baseline that most others are compared with; only the difference between the two answers counts.',
	does: 'Widens the margin; whether chosen goes up or rejected goes down is left open.',
	source: 'arXiv 2305.18290',
	equation: 'eq. 7',
};
