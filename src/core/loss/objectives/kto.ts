import type { Objective } from './objective.ts';

export const kto: Objective = {
	id: 'kto',
	trlName: 'kto',
	trlTrainer: 'KTOTrainer',
	title: 'KTO',
	loss: 'weight_w*(1 - sigma(r_w - beta*kl))/2 + weight_l*(1 - sigma(beta*kl - r_l))/2',
	perRow: true,
	whenToUse: 'Use it when answers are judged one by one as good or bad, without a partner.',
	does: 'Raises a good answer and lowers a bad one, most where its reward is near the mean drift of the model.',
	source: 'arXiv 2402.01306',
	equation: 'eq. 7; the mean over rows as in TRL, so a pair has half of the sum',
};
