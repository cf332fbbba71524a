import type { Objective } from './objective.ts';

export const bcoPair: Objective = {
	id: 'bco_pair',
	trlName: 'bco_pair',
	title: 'BCO',
	loss: '-log_sigma(r_w - delta) - log_sigma(delta - r_l)',
	parameters: {
		delta: { default: 0, min: -100, max: 100, meaning: 'Reward that divides good answers from bad ones.' },
	},
	whenToUse: 'Use it when answers are judged one by one as good or bad.',
	does: 'Raises the reward of the chosen answer above δ and lowers that of the rejected one below it.',
	source: 'arXiv 2404.04656',
	equation: 'the loss of BCO; TRL 1.16 has δ = 0, where the paper has the mean reward',
};
