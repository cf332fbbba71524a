import type { Objective } from './objective.ts';

export const sppoHard: Objective = {
	id: 'sppo_hard',
	trlName: 'sppo_hard',
	title: 'SPPO',
	loss: 'square(logp_w - ref_w - 1/(2*beta)) + square(logp_l - ref_l + 1/(2*beta))',
	whenToUse: 'Use it when both answers are the model’s own samples and each should move a fixed distance.',
	does: 'Moves the log-ratio of the chosen answer to 1/(2β) and that of the rejected one to −1/(2β).',
	source: 'arXiv 2405.00675',
	equation: 'eq. 4.7 with the preferences 1 and 0',
};
