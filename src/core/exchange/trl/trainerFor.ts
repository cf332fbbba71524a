/** The trainer of TRL that has a run's objective. */
import { AppError } from '../../errors.ts';
import { readsDrift } from '../../loss/example.ts';
import { objectiveFor } from '../../loss/objectives/forSettings.ts';
import type { CompiledObjective } from '../../loss/objectives/objective.ts';
import { SUM, type ObjectiveSettings } from '../../loss/objectives/settings.ts';
import type { YamlValue } from './yaml.ts';

/** Entries of TRL's configuration. */
type Options = Readonly<Record<string, YamlValue>>;

/**
 * pairs: TRL's DPOTrainer. answers: its KTOTrainer, whose rows are single answers with a label. formula: a subclass of
 * DPOTrainer whose loss is the objective's torch text.
 */
export type TrlTrainer =
	| { kind: 'pairs' | 'answers'; options: Options }
	| { kind: 'formula'; objective: CompiledObjective; options: Options };

/** @throws AppError `trl-drift` if an objective of pairs reads `kl` */
export function trlTrainer(settings: ObjectiveSettings): TrlTrainer {
	const objective = objectiveFor(settings);
	const { beta } = settings;
	if (objective.trlTrainer === 'KTOTrainer')
		return { kind: 'answers', options: { loss_type: objective.trlName, beta } };
	const own = settings.id === SUM ? ownLosses(settings) : ownLoss(settings);
	if (own !== null) return { kind: 'pairs', options: { ...own, beta } };
	if (!readsDrift(objective)) return { kind: 'formula', objective, options: { beta } };
	throw new AppError(`${objective.title} reads kl, which TRL’s trainer of pairs does not estimate.`, {
		code: 'trl-drift',
		hint: 'Choose KTO alone, or write the formula without kl.',
	});
}

/** The loss and its parameters in DPOConfig's names; null if DPOTrainer lacks it. */
function ownLoss(settings: ObjectiveSettings): Options | null {
	const { trlName, trlTrainer: trainer, trlOptions = {}, parameters = {}, inputs } = objectiveFor(settings);
	// TRL's sft divides by the tokens of one process, so that its loss depends on their number.
	if (settings.formula !== undefined || trainer !== undefined || inputs.includes('mean_len_w')) return null;
	const options: Record<string, YamlValue> = { loss_type: trlName };
	for (const [name, { default: value }] of Object.entries(parameters)) {
		const option = trlOptions[name];
		if (option === undefined) return null;
		options[option] = value;
	}
	return options;
}

/** A weighted sum as TRL's list of losses. Parameters belong to the whole list, so that a loss with one has no place in it. */
function ownLosses({ beta, terms = [] }: ObjectiveSettings): Options | null {
	const losses = terms.map(({ id, parameters }) =>
		ownLoss({ id, beta, ...(parameters === undefined ? {} : { parameters }) }),
	);
	if (losses.some((loss) => loss === null || Object.keys(loss).length > 1)) return null;
	return {
		loss_type: losses.map((loss) => String(loss?.['loss_type'])),
		loss_weights: terms.map(({ weight }) => weight),
	};
}
