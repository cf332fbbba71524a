/** The checks in plain words: the work of each, its result, and the meaning of a failure. */
import type { CheckId, CheckOutcome, GradientOutcome } from '#core/checks/check.ts';
import { counted, duration, listed } from '../../text/format.ts';

export interface CheckText {
	id: CheckId;
	title: string;
	/** The experiment and its known outcome. */
	does: string;
	takes: string;
	/** Shown if the check fails. */
	meaning: string;
}

export const CHECK_TEXTS: readonly CheckText[] = [
	{
		id: 'step-zero',
		title: 'Step 0',
		does: 'Computes the loss with an untrained adapter. It must have the value that the objective has at reward 0, and the margin must be 0.',
		takes: 'About as long as one training step.',
		meaning:
			'Policy and reference disagree although nothing is trained yet, so no reward of this run can be trusted. Copy the report, and try other GPU programs under the device’s name.',
	},
	{
		id: 'adapter-off',
		title: 'Adapter off equals base',
		does: 'Reads some answers with the base model, with a random adapter on, with it at strength 0, and with the base model again. All but the second must be equal, bit for bit.',
		takes: 'About as long as two training steps.',
		meaning:
			'A trace of the adapter stays when it is off, or the adapter does nothing when it is on. Rewards and comparisons with the base model are then wrong. Copy the report.',
	},
	{
		id: 'gradient',
		title: 'Gradient against finite differences',
		does: 'Moves the adapter a little along random directions, one for each half of each module, and compares the change with the gradient’s prediction.',
		takes: 'About as long as five training steps.',
		meaning:
			'The device computes a wrong gradient for these parts, so training goes in a wrong direction there. Try other GPU programs under the device’s name, and copy the report.',
	},
	{
		id: 'overfit',
		title: 'Overfit eight pairs',
		does: 'Trains a new adapter on eight pairs only, with this recipe’s objective and learning rate. It must learn them by heart: the chosen answer gains a factor e on the rejected one.',
		takes: 'At most 100 steps of eight pairs.',
		meaning:
			'The recipe cannot even learn eight pairs by heart. Look at its learning rate and rank, at whether the objective has a gradient at the start, and at pairs that contradict each other.',
	},
];

const few = (value: number): string => String(Number(value.toPrecision(4)));

/** The result in one or two sentences. */
export function outcomeWords(outcome: CheckOutcome, seconds: number): string {
	const about = `${counted(outcome.pairs, 'pair')}, ${duration(seconds)}.`;
	switch (outcome.check) {
		case 'step-zero':
			return `Loss ${few(outcome.loss)}, must be ${few(outcome.expectedLoss)}; margin ${few(outcome.margin)}, must be 0. ${about}`;
		case 'adapter-off': {
			const { differing, completions, largest, moved } = outcome;
			const off =
				differing === 0
					? `All ${completions} comparisons are equal bit for bit`
					: `${differing} of ${completions} comparisons differ, by up to ${few(largest)} nats`;
			return `${off}; with the adapter on, answers changed by up to ${few(moved)} nats. ${about}`;
		}
		case 'gradient':
			return `${gradientWords(outcome)} ${about}`;
		case 'overfit':
			return `${outcome.learned} of ${counted(outcome.pairs, 'pair')} learned after ${counted(outcome.steps, 'step')}; the loss went from ${few(outcome.lossBefore)} to ${few(outcome.lossAfter)}. ${duration(seconds)}.`;
	}
}

function gradientWords({ directions, largest, tolerance }: GradientOutcome): string {
	const wrong = directions.filter(({ passed }) => !passed).map(({ part }) => part);
	const limit = `${100 * tolerance}% are allowed, because log-probabilities are rounded to 32 bits`;
	if (wrong.length === 0)
		return `${counted(directions.length, 'direction')} agree; the largest difference is ${few(100 * largest)}% (${limit}).`;
	const worst = Number.isFinite(largest) ? `by up to ${few(100 * largest)}%` : 'and are not numbers';
	return `${wrong.length} of ${directions.length} directions differ, ${worst} (${limit}): ${listed(wrong)}.`;
}
