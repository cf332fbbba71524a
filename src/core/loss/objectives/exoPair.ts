import type { Objective } from './objective.ts';

export const exoPair: Objective = {
	id: 'exo_pair',
	trlName: 'exo_pair',
	trlOptions: { epsilon: 'label_smoothing' },
	title: 'EXO',
	loss: 'sigma(r_w - r_l)*(log_sigma(r_w - r_l) - log(1 - epsilon)) + sigma(r_l - r_w)*(log_sigma(r_l - r_w) - log(epsilon))',
	parameters: {
		epsilon: {
			default: 1e-3,
			min: 1e-6,
			max: 0.5,
			meaning: 'Share of pairs whose two answers may be the wrong way round: TRL’s label smoothing.',
		},
	},
	whenToUse: 'Use it when the model should commit to the better answer rather than spread over both.',
	does: 'Brings the model’s own preference between the two answers to 1 − ε, by the reverse KL divergence.',
	source: 'arXiv 2402.00856',
	equation: 'eq. 16',
};
