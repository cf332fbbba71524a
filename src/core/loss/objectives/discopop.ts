import type { Objective } from './objective.ts';

export const discopop: Objective = {
	id: 'discopop',
	trlName: 'discopop',
	trlOptions: { tau: 'discopop_tau' },
	title: 'DiscoPOP',
	// The product σ(x/τ)·exp(−x) is one exponential, so that it does not overflow.
	loss: '-(1 - sigma((r_w - r_l)/tau))*log_sigma(r_w - r_l) + exp(log_sigma((r_w - r_l)/tau) - (r_w - r_l))',
	parameters: {
		tau: {
			default: 0.05,
			min: 0.001,
			max: 10,
			meaning: 'Width of the change from the one form to the other.',
		},
	},
	whenToUse:
		'Use it to see a loss that a search found: close to DPO where the pair is lost, exponential where it is won.',
	does: 'Widens the margin; around 0 its gradient is not monotonic.',
	source: 'arXiv 2406.08414',
	equation: 'eq. 5, called LRML',
};
