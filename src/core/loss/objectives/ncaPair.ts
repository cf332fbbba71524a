import type { Objective } from './objective.ts';

export const ncaPair: Objective = {
	id: 'nca_pair',
	trlName: 'nca_pair',
	title: 'NCA',
	loss: '-log_sigma(r_w) - log_sigma(-r_w)/2 - log_sigma(-r_l)/2',
	whenToUse: 'Use it when the chosen answers should not lose probability while the margin widens.',
	does: 'Raises the chosen answer up to a reward of log 2 and lowers the rejected one, each on its own.',
	source: 'arXiv 2402.05369',
	equation: 'the loss of NCA for pairs',
};
