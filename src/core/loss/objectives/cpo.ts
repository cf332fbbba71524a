import type { Objective } from './objective.ts';

export const cpo: Objective = {
	id: 'cpo',
	trlName: 'sigmoid',
	trlTrainer: 'CPOTrainer',
	title: 'CPO',
	loss: '-(1 - epsilon)*log_sigma(beta*(logp_w - logp_l)) - epsilon*log_sigma(beta*(logp_l - logp_w)) - alpha*logp_w/mean_len_w',
	parameters: {
		alpha: {
			default: 1,
			min: 0,
			max: 100,
			meaning: 'Weight of the cross-entropy on the chosen answer: TRL’s cpo_alpha.',
		},
		epsilon: {
			default: 0,
			min: 0,
			max: 0.5,
			meaning: 'Share of pairs whose two answers may be the wrong way round: TRL’s label smoothing.',
		},
	},
	whenToUse:
		'Use it when no reference model should be needed and the chosen answers are good enough to imitate.',
	does: 'Widens the difference of the log-probabilities, and raises the chosen answer as SFT does.',
	source: 'arXiv 2401.08417',
	equation: 'the sum of its preference loss and its behaviour-cloning loss',
};
