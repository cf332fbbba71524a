/** Why the rewards moved: what the objective pushes at the places where the pairs are, against what happened. */
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';

export interface RewardExplanation {
	/** Mean push of the objective on each reward over the pairs as last measured: −∂loss/∂r. */
	pushChosen: number;
	pushRejected: number;
	/** Mean rewards over all pairs as last measured. */
	chosen: number;
	rejected: number;
	/** Pairs whose chosen answer became less likely than it was for the base, of how many. */
	fallen: number;
	pairs: number;
}

export function explainRewards(
	objective: CompiledObjective,
	loss: Pick<LossStep, 'positions'>,
): RewardExplanation | null {
	const points = [...loss.positions.values()];
	if (points.length === 0) return null;
	const mean = (values: readonly number[]): number =>
		values.reduce((sum, value) => sum + value, 0) / values.length;
	const gradients = points.map(({ chosen, rejected }) =>
		objective.rewardGradientOf(valuesAtRewards(chosen, rejected)),
	);
	return {
		pushChosen: -mean(gradients.map(({ chosen }) => chosen)),
		pushRejected: -mean(gradients.map(({ rejected }) => rejected)),
		chosen: mean(points.map(({ chosen }) => chosen)),
		rejected: mean(points.map(({ rejected }) => rejected)),
		fallen: points.filter(({ chosen }) => chosen < 0).length,
		pairs: points.length,
	};
}

/** The account in sentences. What the objective asks and what happened may differ: the two answers share weights. */
export function sentences(objective: CompiledObjective, account: RewardExplanation): string[] {
	const rose = account.chosen > 0.01;
	const fell = account.chosen < -0.01;
	const asks = account.pushChosen > 0.005 ? 'up' : account.pushChosen < -0.005 ? 'down' : null;
	const went = rose ? 'up' : fell ? 'down' : null;
	const first =
		asks === null
			? `At these places ${objective.title} asks nothing of the chosen answers.`
			: `At these places ${objective.title} pushes the chosen answers ${asks}.`;
	if (went === null) return [first, 'They stand where the model began.'];
	if (asks === went) return [first, `They went ${went}, as asked.`];
	return [
		first,
		`They went ${went} all the same: chosen and rejected share most of their words and all of their weights, so pushing the rejected answer moves the chosen one too.`,
	];
}
