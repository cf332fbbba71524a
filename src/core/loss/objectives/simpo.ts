import type { Objective } from './objective.ts';

export const simpo: Objective = {
	id: 'simpo',
	trlName: 'simpo',
	trlTrainer: 'CPOTrainer',
	title: 'SimPO',
	loss: '-(1 - epsilon)*log_sigma(beta*(logp_w/len_w - logp_l/len_l) - gamma) - epsilon*log_sigma(gamma - beta*(logp_w/len_w - logp_l/len_l))',
	parameters: {
		gamma: { default: 0.5, min: 0, max: 20, meaning: 'Margin that the chosen answer should win by.' },
		epsilon: {
			default: 0,
			min: 0,
			max: 0.5,
			meaning: 'Share of pairs whose two answers may be the wrong way round: TRL’s label smoothing.',
		},
	},
	whenToUse: 'Use it when no reference model should hold the answers back; it needs a larger β, about 2.',
	does: 'Widens the difference of the mean log-probabilities per token beyond γ/β.',
	source: 'arXiv 2405.14734',
	equation: 'eq. 6',
};
