/**
 * TRL's objectives of one pair, as texts of the expression language. `aot` and `aot_unpaired` are missing
 * because they sort the batch.
 */
import { compileObjective } from '#core/loss/objectives/compile.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';

/** Loss, and the parameters with their defaults. */
type Line = readonly [loss: string, parameters?: Readonly<Record<string, number>>];

const LINES: Readonly<Record<string, Line>> = {
	apo_zero: ['1 - sigma(r_w) + sigma(r_l)'],
	apo_down: ['sigma(r_w) + 1 - sigma(r_w - r_l)'],
	sigmoid: ['-log_sigma(r_w - r_l)'],
	hinge: ['relu(1 - (r_w - r_l))'],
	ipo: ['square((logp_w - ref_w)/len_w - (logp_l - ref_l)/len_l - 1/(2*beta))'],
	sigmoid_norm: ['-log_sigma(r_w/len_w - r_l/len_l)'],
	robust: [
		'(epsilon*log_sigma(r_l - r_w) - (1 - epsilon)*log_sigma(r_w - r_l))/(1 - 2*epsilon)',
		{ epsilon: 0.1 },
	],
	exo_pair: [
		'sigma(r_w - r_l)*(log_sigma(r_w - r_l) - log(1 - epsilon)) + sigma(r_l - r_w)*(log_sigma(r_l - r_w) - log(epsilon))',
		{ epsilon: 0.001 },
	],
	nca_pair: ['-log_sigma(r_w) - log_sigma(-r_w)/2 - log_sigma(-r_l)/2'],
	bco_pair: ['-log_sigma(r_w - delta) - log_sigma(delta - r_l)', { delta: 0 }],
	sppo_hard: ['square(logp_w - ref_w - 1/(2*beta)) + square(logp_l - ref_l + 1/(2*beta))'],
	discopop: [
		'-(1 - sigma((r_w - r_l)/tau))*log_sigma(r_w - r_l) + sigma((r_w - r_l)/tau)*exp(r_l - r_w)',
		{ tau: 0.05 },
	],
	kto: ['weight_w*(1 - sigma(r_w - beta*kl)) + weight_l*(1 - sigma(beta*kl - r_l))'],
	apo_zero_unpaired: ['weight_w*(1 - sigma(r_w)) + weight_l*sigma(r_l)'],
	'cpo sigmoid': [
		'-(1 - epsilon)*log_sigma(beta*(logp_w - logp_l)) - epsilon*log_sigma(beta*(logp_l - logp_w)) - alpha*logp_w/mean_len_w',
		{ epsilon: 0, alpha: 0 },
	],
	'cpo hinge': ['relu(1 - beta*(logp_w - logp_l)) - alpha*logp_w/mean_len_w', { alpha: 0 }],
	'cpo ipo': ['square(logp_w/len_w - logp_l/len_l - 1/(2*beta)) - alpha*logp_w/mean_len_w', { alpha: 0 }],
	simpo: ['-log_sigma(beta*(logp_w/len_w - logp_l/len_l) - gamma)', { gamma: 0.5 }],
	orpo: ['-beta*log_sigma(logp_w/len_w - log1mexp(logp_w/len_w) - (logp_l/len_l - log1mexp(logp_l/len_l)))'],
	sft: ['-logp_w/mean_len_w'],
};

/** An objective without texts for students. */
export function compileLoss(
	loss: string,
	parameters: Readonly<Record<string, number>> = {},
	id = 'test',
): CompiledObjective {
	return compileObjective({
		id,
		trlName: id,
		title: id,
		loss,
		parameters: Object.fromEntries(
			Object.entries(parameters).map(([name, value]) => [
				name,
				{ default: value, min: -Infinity, max: Infinity, meaning: '' },
			]),
		),
		whenToUse: '',
		does: '',
		source: '',
	});
}

/** The compiled objectives by TRL's name. */
export const TRL_OBJECTIVES: ReadonlyMap<string, CompiledObjective> = new Map(
	Object.entries(LINES).map(([name, [loss, parameters]]) => [
		name,
		compileLoss(loss, parameters, name.replace(' ', '_')),
	]),
);
