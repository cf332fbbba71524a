import type { Objective } from './objective.ts';

export const orpo: Objective = {
	id: 'orpo',
	trlName: 'orpo',
	trlTrainer: 'ORPOTrainer',
	title: 'ORPO',
	loss: '-beta*log_sigma(logp_w/len_w - log1mexp(logp_w/len_w) - (logp_l/len_l - log1mexp(logp_l/len_l))) - alpha*logp_w/mean_len_w',
	parameters: {
		alpha: { default: 1, min: 0, max: 100, meaning: 'Weight of the cross-entropy on the chosen answer.' },
	},
	whenToUse:
		'Use it when fine-tuning on the chosen answers and preferring them should be one step, without a reference.',
	does: 'Raises the chosen answer as SFT does, and its odds above those of the rejected one.',
	source: 'arXiv 2403.07691',
	equation: 'eqs. 6 and 7; the cross-entropy is that of the answer, where TRL’s includes the prompt',
};
