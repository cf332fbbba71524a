/**
 * An objective: the expression of its loss, and texts for students. compile.ts derives the rest; registry.ts
 * lists the objectives. To add one, write a file like dpo.ts and name it in registry.ts.
 *
 * Reward: r = β·(log π_θ(y|x) − log π_ref(y|x)), summed over the completion's tokens. r_w belongs to chosen, r_l to rejected.
 */
import type { MathNode } from '../expression/emit/mathNodes.ts';
import type { Values } from './values.ts';

/** A number that the recipe may set, named by a Greek letter in words: `epsilon`. */
export interface ObjectiveParameter {
	default: number;
	min: number;
	max: number;
	meaning: string;
}

export interface Objective {
	/** Name in recipes. */
	id: string;
	/** TRL's `loss_type`. */
	trlName: string;
	/** The trainer of TRL that has it. Default: DPOTrainer. */
	trlTrainer?: 'KTOTrainer' | 'CPOTrainer' | 'ORPOTrainer';
	/** Parameters by their names in TRL's configuration. */
	trlOptions?: Readonly<Record<string, string>>;
	title: string;
	/** Loss of one pair, in the language of core/loss/expression. The step's loss is the mean over its pairs. */
	loss: string;
	/**
	 * Each completion is an example of its own, as in TRL's KTOTrainer: the loss of a pair is the mean of its two completions' losses,
	 * and a completion without a partner has the double of its term.
	 */
	perRow?: true;
	parameters?: Readonly<Record<string, ObjectiveParameter>>;
	/** When to use it, for a student. */
	whenToUse: string;
	/** Effect of its gradient on the two sides, for a student; begins with a verb. */
	does: string;
	/** The paper. */
	source: string;
	/** The place of the loss in its paper. */
	equation?: string;
	/** Of the loss; absent for a pure number. */
	unit?: string;
}

/** One value per side of a pair. */
export interface Sides<T> {
	readonly chosen: T;
	readonly rejected: T;
}

export type ObjectiveForm = 'pairwise' | 'pointwise' | 'mixed';

/** The quantity of each side that a loss compares. */
export interface PlaneAxes {
	/** The reward β·(log π_θ − log π_ref), the same without β, or log π_θ alone. */
	readonly quantity: 'reward' | 'logratio' | 'logp';
	/** Divided by the completion's length. */
	readonly perToken: boolean;
}

export interface CompiledObjective extends Objective {
	/** Symbols that the loss or its gradient read. */
	inputs: readonly string[];
	/** Symbols that the gradient reads. */
	gradientInputs: readonly string[];
	/** Loss of one pair, f64. */
	lossOf: (values: Values) => number;
	/** ∂loss/∂logp_w and ∂loss/∂logp_l, with the factor β. */
	gradientOf: (values: Values) => Sides<number>;
	/** ∂loss/∂r_w and ∂loss/∂r_l. A reward is β times a log-ratio, so this is `gradientOf` over β. */
	rewardGradientOf: (values: Values) => Sides<number>;
	/** Loss if policy and reference agree; null if that depends on the pair. */
	atZero: number | null;
	/**
	 * True if the loss is a term of the chosen side plus a term of the rejected side, so that unpaired rows
	 * can be trained on.
	 */
	separable: boolean;
	/** Do its additive terms read one side each (`pointwise`), both sides (`pairwise`), or some of each? */
	form: ObjectiveForm;
	/** The quantities that its loss compares: the axes of its plane. */
	axes: PlaneAxes;
	/** These two terms of a separable loss; a number that belongs to neither side is shared. */
	termsOf: (values: Values) => Sides<number>;
	/** ∂loss/∂logp_w and ∂loss/∂logp_l as f32 expressions over identifiers named as `inputs`; `helpers` defines their functions. */
	wgsl: Sides<string> & { readonly helpers: string };
	/** The loss as typed, and its derivatives by the rewards, or by log π_θ if the loss reads no reward. */
	mathml: { loss: MathNode; gradient: Sides<MathNode> };
	/** The loss as the text of a Python function on torch tensors. */
	torch: string;
}
