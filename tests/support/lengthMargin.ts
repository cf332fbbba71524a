/** A made-up objective that reads the lengths of both completions: the margin of the mean log-probabilities of their tokens. */
import type { Objective } from '#core/loss/objectives/objective.ts';

export const lengthMargin: Objective = {
	id: 'length_margin',
	trlName: 'length_margin',
	title: 'Length margin',
	loss: '-log_sigma(beta*(logp_w/len_w - logp_l/len_l) - 0.5)',
	whenToUse: 'In tests.',
	does: 'Widens the margin of the mean token.',
	source: 'made up; SimPO without its name',
};
