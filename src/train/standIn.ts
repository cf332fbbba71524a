import type { GradientObjective, SymbolValues } from '#core/loss/example.ts';
import { sigmoid } from '#core/math/sigmoid.ts';
import { objectiveOf, type PairContext } from '#core/loss/objectives.ts';
import type { ObjectiveId } from '#core/recipe/recipe.ts';

const v = (values: SymbolValues, name: string): number => values[name] ?? NaN;
const context = (x: SymbolValues): PairContext => ({
	beta: v(x, 'beta'),
	refChosenLogp: v(x, 'ref_w'),
	refRejectedLogp: v(x, 'ref_l'),
	chosenTokens: v(x, 'len_w'),
	rejectedTokens: v(x, 'len_l'),
	meanChosenTokens: v(x, 'mean_len_w'),
});
const HELPERS = `
fn sigmoid(x : f32) -> f32 { let e = exp(-abs(x)); return select(e, 1.0, x >= 0.0) / (1.0 + e); }
fn slope(x : f32) -> f32 { return sigmoid(x) * sigmoid(-x); }`;
const TEXT: Record<ObjectiveId, [string, string, string[]]> = {
	apo_zero: ['beta * -slope(r_w)', 'beta * slope(r_l)', ['r_w', 'r_l', 'beta']],
	apo_down: ['beta * (slope(r_w) - slope(r_w - r_l))', 'beta * slope(r_w - r_l)', ['r_w', 'r_l', 'beta']],
	dpo: ['beta * -sigmoid(r_l - r_w)', 'beta * sigmoid(r_l - r_w)', ['r_w', 'r_l', 'beta']],
	sft: ['-1.0 / mean_len_w', '0.0', ['logp_w', 'mean_len_w']],
};

function build(id: ObjectiveId): GradientObjective & { lossOf(values: SymbolValues): number } {
	const old = objectiveOf(id);
	const [chosen, rejected, inputs] = TEXT[id];
	return {
		id,
		inputs,
		separable: id === 'apo_zero' || id === 'sft',
		lossOf: (x) => old.loss(v(x, 'r_w'), v(x, 'r_l'), context(x)),
		gradientOf: (x) => {
			const g = old.gradient(v(x, 'r_w'), v(x, 'r_l'), context(x));
			const beta = v(x, 'beta');
			return { chosen: beta * g.chosen, rejected: beta * g.rejected };
		},
		termsOf: (x) => ({
			chosen: id === 'apo_zero' ? sigmoid(-v(x, 'r_w')) : old.loss(v(x, 'r_w'), 0, context(x)),
			rejected: id === 'apo_zero' ? sigmoid(v(x, 'r_l')) : 0,
		}),
		wgsl: { helpers: HELPERS, chosen, rejected },
	};
}
const all = {
	apo_zero: build('apo_zero'),
	apo_down: build('apo_down'),
	dpo: build('dpo'),
	sft: build('sft'),
};
export const compiledOf = (id: ObjectiveId): GradientObjective & { lossOf(values: SymbolValues): number } =>
	all[id];
