import type { Objective } from './objective.ts';

export const hinge: Objective = {
	id: 'hinge',
	trlName: 'hinge',
	title: 'Hinge (SLiC)',
	loss: 'relu(1 - (r_w - r_l))',
	whenToUse: 'Use it when a pair that is won by a margin of 1 should have no more influence.',
	does: 'Widens the margin until it is 1; then the gradient of the pair is 0.',
	source: 'arXiv 2305.10425',
	equation: 'the hinge loss of SLiC, on the rewards as in arXiv 2309.06657',
};
