/** Derives an objective's numbers, code and formulas from its expression. */
import { AppError } from '../../errors.ts';
import { createAlgebra } from '../expression/algebra/createAlgebra.ts';
import { derivative } from '../expression/algebra/derivative.ts';
import { simplify } from '../expression/algebra/simplify.ts';
import { derivativeMathML, toMathML } from '../expression/emit/mathml.ts';
import { toTorch } from '../expression/emit/torch.ts';
import { toWgsl } from '../expression/emit/wgsl.ts';
import { located } from '../expression/error.ts';
import { evaluator } from '../expression/evaluate.ts';
import { PAIR_SYMBOLS, PARAMETER_LETTERS } from '../expression/names.ts';
import { parse } from '../expression/parse/parse.ts';
import { namesIn, type Algebra, type Expr } from '../expression/tree.ts';
import type { MathNode } from '../expression/emit/mathNodes.ts';
import type {
	CompiledObjective,
	Objective,
	ObjectiveForm,
	ObjectiveParameter,
	PlaneAxes,
	Sides,
} from './objective.ts';
import { valueReader, valuesAtRewards, type Values } from './values.ts';

type Defaults = ReadonlyMap<string, number>;
type Side = 'w' | 'l';

/** TRL's default, for exported text only: recipes always name their β. */
const TRL_BETA = 0.1;

/**
 * @throws ExpressionError if the loss is not a usable expression
 * @throws AppError `objective-parameter` if a parameter's name or range is not usable
 */
export function compileObjective(objective: Objective): CompiledObjective {
	const defaults = defaultsOf(objective.parameters ?? {});
	const syntax = parse(objective.loss, [...defaults.keys()]);
	const a = createAlgebra();
	const loss = simplify(a, syntax);
	// A derivative has no place in the text, so its errors name the whole.
	return located({ start: 0, end: objective.loss.length }, () => {
		const [w, l] = [derivatives(a, loss, 'w'), derivatives(a, loss, 'l')];
		const lossOf = single(loss, defaults);
		const { helpers, expressions } = toWgsl({ gradient_w: w.byLogp, gradient_l: l.byLogp });
		const form = formOf(loss);
		const [chosen = '0.0', rejected = '0.0'] = expressions;
		return {
			...objective,
			inputs: namesIn([loss, w.byLogp, l.byLogp]),
			gradientInputs: namesIn([w.byLogp, l.byLogp]),
			lossOf,
			gradientOf: bySide(w.byLogp, l.byLogp, defaults),
			rewardGradientOf: bySide(w.byReward, l.byReward, defaults),
			atZero: isOfRewardsAlone(loss, defaults) ? lossOf(valuesAtRewards(0, 0)) : null,
			separable: form === 'pointwise',
			form,
			axes: axesOf(loss),
			termsOf: bySide(termOf(a, loss, 'w'), termOf(a, loss, 'l'), defaults),
			wgsl: { helpers, chosen, rejected },
			mathml: { loss: toMathML(syntax), gradient: { chosen: w.shown, rejected: l.shown } },
			torch: toTorch(objective.id, loss, { beta: TRL_BETA, ...Object.fromEntries(defaults) }),
		};
	});
}

function defaultsOf(parameters: Readonly<Record<string, ObjectiveParameter>>): Defaults {
	return new Map(
		Object.entries(parameters).map(([name, { default: value, min, max }]) => {
			if (PARAMETER_LETTERS.has(name) && min <= value && value <= max) return [name, value];
			throw new AppError(
				`The parameter ${name} = ${value} between ${min} and ${max} is not usable: its name must be a Greek letter in words and its default inside its range.`,
				{
					code: 'objective-parameter',
					hint: `Choose one of ${[...PARAMETER_LETTERS.keys()].join(', ')}.`,
					context: { name, value, min, max },
				},
			);
		}),
	);
}

interface Derivatives {
	/** Total derivative by log π_θ: through the reward, plus directly if the loss reads logp itself. */
	byLogp: Expr;
	/** The same by the reward, with log π_θ = reference + r/β. */
	byReward: Expr;
	shown: MathNode;
}

function derivatives(a: Algebra, loss: Expr, side: Side): Derivatives {
	const [reward, logp, beta] = [`r_${side}`, `logp_${side}`, a.name('beta')];
	const [direct, throughReward] = [derivative(a, loss, logp), derivative(a, loss, reward)];
	// β multiplies the whole sum: fewer operations, and the kernels' established order of multiplication.
	const byLogp = a.sum(a.product(beta, throughReward), direct);
	const byReward = a.sum(throughReward, a.product(direct, a.power(beta, -1)));
	const readsRewards = namesIn([loss]).some((name) => name === 'r_w' || name === 'r_l');
	const shown = readsRewards ? derivativeMathML(reward, byReward) : derivativeMathML(logp, byLogp);
	return { byLogp, byReward, shown };
}

function single(output: Expr, defaults: Defaults): (values: Values) => number {
	const inputs = namesIn([output]);
	const [run, read] = [evaluator([output], inputs), valueReader(inputs, defaults)];
	return (values) => run(read(values))[0] ?? NaN;
}

function bySide(chosen: Expr, rejected: Expr, defaults: Defaults): (values: Values) => Sides<number> {
	const [chosenOf, rejectedOf] = [single(chosen, defaults), single(rejected, defaults)];
	return (values) => ({ chosen: chosenOf(values), rejected: rejectedOf(values) });
}

function isOfRewardsAlone(loss: Expr, defaults: Defaults): boolean {
	return namesIn([loss]).every((name) => name === 'r_w' || name === 'r_l' || defaults.has(name));
}

const SYMBOLS_OF: Readonly<Record<Side, ReadonlySet<string>>> = {
	w: new Set(PAIR_SYMBOLS.filter((name) => name.endsWith('_w'))),
	l: new Set(PAIR_SYMBOLS.filter((name) => name.endsWith('_l'))),
};

const additiveTerms = (loss: Expr): readonly Expr[] => (loss.kind === 'sum' ? loss.args : [loss]);

function sidesRead(term: Expr): Side[] {
	const names = namesIn([term]);
	return (['w', 'l'] as const).filter((side) => names.some((name) => SYMBOLS_OF[side].has(name)));
}

function formOf(loss: Expr): ObjectiveForm {
	const sides = new Set(additiveTerms(loss).map((term) => sidesRead(term).length));
	if (!sides.has(2)) return 'pointwise';
	return sides.has(1) ? 'mixed' : 'pairwise';
}

function axesOf(loss: Expr): PlaneAxes {
	const reads = (...names: string[]): boolean => namesIn([loss]).some((name) => names.includes(name));
	const perToken = reads('len_w', 'len_l');
	if (reads('r_w', 'r_l')) return { quantity: 'reward', perToken };
	return { quantity: reads('ref_w', 'ref_l') ? 'logratio' : 'logp', perToken };
}

/** One side's part of a separable loss; a term that reads neither side is shared equally. */
function termOf(a: Algebra, loss: Expr, side: Side): Expr {
	return a.sum(
		...additiveTerms(loss).flatMap((term) => {
			const sides = sidesRead(term);
			if (sides.length === 0) return [a.product(0.5, term)];
			return sides.includes(side) ? [term] : [];
		}),
	);
}
