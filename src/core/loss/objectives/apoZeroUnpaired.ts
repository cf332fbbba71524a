import type { Objective } from './objective.ts';

export const apoZeroUnpaired: Objective = {
	id: 'apo_zero_unpaired',
	trlName: 'apo_zero_unpaired',
	trlTrainer: 'KTOTrainer',
	title: 'APO-zero, unpaired',
	loss: 'weight_w*(1 - sigma(r_w))/2 + weight_l*sigma(r_l)/2',
	perRow: true,
	whenToUse: 'Use it like APO-zero when the answers have no partner.',
	does: 'Raises a good answer and lowers a bad one, each on its own.',
	source: 'arXiv 2408.06266',
	equation: 'eq. 7 row by row; the mean over rows as in TRL, so a pair has half of APO-zero’s loss',
};
