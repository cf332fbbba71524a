/** Explains why the rewards moved: the objective's push at the current rewards, against the actual change. */
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';

export interface RewardExplanation {
	/** Mean push of the objective on each reward over the latest measurement of each pair: −∂loss/∂r. */
	pushChosen: number;
	pushRejected: number;
	/** Mean rewards over the latest measurement of each pair. */
	chosen: number;
	rejected: number;
	/** Pairs whose chosen answer became less likely than for the base model, and the number of all pairs. */
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

/** The explanation in sentences. Push and change may differ, because the two answers share weights. */
export function sentences(objective: CompiledObjective, account: RewardExplanation): string[] {
	const rose = account.chosen > 0.01;
	const fell = account.chosen < -0.01;
	const asks = account.pushChosen > 0.005 ? 'up' : account.pushChosen < -0.005 ? 'down' : null;
	const went = rose ? 'up' : fell ? 'down' : null;
	const first =
		asks === null
			? `At the current rewards ${objective.title} hardly pushes the chosen answers.`
			: `At the current rewards ${objective.title} pushes the chosen answers ${asks}.`;
	if (went === null) return [first, 'They have not moved.'];
	if (asks === null) return [first, `They went ${went} in earlier steps.`];
	if (asks === went) return [first, `They went ${went}, as intended.`];
	return [
		first,
		`They still went ${went}: chosen and rejected share most of their words and all of their weights, so pushing the rejected answer moves the chosen one too.`,
	];
}
