/** Explains why the rewards moved: the objective's push at the current rewards, against the actual change. */
import type { TrainingMoment } from '#app/steps/trainingMoment.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import type { Sides } from '#core/loss/objectives/objective.ts';
import type { TrailPoint } from '#core/run/run.ts';

export interface RewardExplanation {
	/** Mean push of the objective over the latest measurement of each pair; null if the run lacks a value that it depends on. */
	push: Sides<number> | null;
	/** Size of the mean push while all rewards are 0: a push far below it is next to nothing. */
	pushAtZero: number;
	/** Mean rewards over the latest measurement of each pair. */
	chosen: number;
	rejected: number;
	/** Pairs whose chosen answer became less likely than for the base model, and the number of all pairs. */
	fallen: number;
	pairs: number;
}

/** @param pushOf push on a pair at these rewards; null if it is not known */
export function explainRewards(
	{ positions }: Pick<TrainingMoment, 'positions'>,
	pushOf: (point: TrailPoint) => Sides<number> | null,
): RewardExplanation | null {
	const points = [...positions.values()];
	if (points.length === 0) return null;
	const mean = (values: readonly number[]): number =>
		values.reduce((sum, value) => sum + value, 0) / values.length;
	const meanPush = (at: readonly TrailPoint[]): Sides<number> | null => {
		const pushes = at.flatMap((point) => pushOf(point) ?? []);
		if (pushes.length < at.length) return null;
		return {
			chosen: mean(pushes.map(({ chosen }) => chosen)),
			rejected: mean(pushes.map(({ rejected }) => rejected)),
		};
	};
	const start = meanPush(points.map((point) => ({ ...point, chosen: 0, rejected: 0 })));
	return {
		push: meanPush(points),
		pushAtZero: Math.max(Math.abs(start?.chosen ?? 0), Math.abs(start?.rejected ?? 0)),
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
	const went = rose ? 'up' : fell ? 'down' : null;
	if (account.push === null) {
		const unknown = `The push of ${objective.title} depends on the answers’ lengths or log-probabilities, which this run does not hold.`;
		return [
			unknown,
			went === null ? 'The chosen answers have not moved.' : `The chosen answers went ${went}.`,
		];
	}
	const little = account.pushAtZero / 100;
	const push = account.push.chosen;
	const asks = push > little ? 'up' : push < -little ? 'down' : null;
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
