import type { Objective } from './objective.ts';

export const sft: Objective = {
	id: 'sft',
	trlName: 'sft',
	title: 'SFT',
	// The mean of this over the pairs of a step is TRL's mean over the chosen tokens of the step.
	loss: '-logp_w/mean_len_w',
	unit: 'nats a token',
	whenToUse:
		'Use it when the chosen answers are good enough to imitate and the rejected ones tell nothing more.',
	does: 'Raises the chosen answer without limit; says nothing about the rejected one.',
	source: 'TRL',
	equation: 'the token cross-entropy on chosen, mean over the tokens of the step',
};
