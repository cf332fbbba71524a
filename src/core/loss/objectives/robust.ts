import type { Objective } from './objective.ts';

export const robust: Objective = {
	id: 'robust',
	trlName: 'robust',
	trlOptions: { epsilon: 'label_smoothing' },
	title: 'Robust DPO',
	loss: '(epsilon*log_sigma(r_l - r_w) - (1 - epsilon)*log_sigma(r_w - r_l))/(1 - 2*epsilon)',
	parameters: {
		epsilon: {
			default: 0.1,
			min: 0,
			max: 0.49,
			meaning: 'Share of pairs whose two answers may be the wrong way round: TRL’s label smoothing.',
		},
	},
	whenToUse: 'Use it when a known share of the pairs may be the wrong way round.',
	does: 'Widens the margin, and pulls it back with the share ε of each pair.',
	source: 'arXiv 2403.00409',
	equation: 'the loss of rDPO',
};
