import type { Objective } from './objective.ts';

export const ipo: Objective = {
	id: 'ipo',
	trlName: 'ipo',
	title: 'IPO',
	loss: 'square((logp_w - ref_w)/len_w - (logp_l - ref_l)/len_l - 1/(2*beta))',
	whenToUse:
		'Use it when DPO’s margin would grow without limit, for example on few pairs that are all learned.',
	does: 'Moves the difference of the log-ratios per token to 1/(2β), and not beyond.',
	source: 'arXiv 2310.12036',
	equation: 'eq. 17; TRL divides the log-ratios by the answers’ lengths',
};
