/** Loss and gradient at a point of the plane, and the assumptions of the field, in words and numbers. */
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import {
	largestRewards,
	planeNeeds,
	readPlane,
	type PlaneReading,
	type PlaneSetting,
} from '#core/loss/objectives/planePoint.ts';
import { fixed, signed } from '../format.ts';
import type { PlaneProbe } from './plane.ts';

/** The reading at the probe; a probe that was dragged from a pair uses that pair's lengths. Null where no pair can be. */
export function readAt(
	objective: CompiledObjective,
	setting: PlaneSetting,
	probe: PlaneProbe,
): PlaneReading | null {
	return readPlane(objective, setting, probe, probe.pair?.lengths ?? undefined);
}

/** “loss 0.81, gradient −0.197 on chosen and +0.197 on rejected”. */
export function readingText(objective: CompiledObjective, setting: PlaneSetting, probe: PlaneProbe): string {
	const reading = readAt(objective, setting, probe);
	if (reading === null) return 'no answer is likelier than certain';
	const { loss, gradient } = reading;
	if (![loss, gradient.chosen, gradient.rejected].every(Number.isFinite))
		return 'the loss has no finite value here';
	return `loss ${fixed(loss)}, gradient ${signed(gradient.chosen, 3)} on chosen and ${signed(gradient.rejected, 3)} on rejected`;
}

/** Said of an objective that trains on single answers; empty for any other. */
export function perRowNote({ perRow }: CompiledObjective): string {
	return perRow === true
		? 'It trains on each answer by itself: the two answers of a dot are pulled apart only because their labels differ.'
		: '';
}

/** Values of lengths and reference that the field uses, and whether a run measured them. */
export interface FieldBasis {
	readonly setting: PlaneSetting;
	readonly measured: { readonly lengths: boolean; readonly reference: boolean };
}

/** Explains the axes and the field of an objective that reads more than the rewards; empty otherwise. */
export function axesNote(objective: CompiledObjective, { setting, measured }: FieldBasis): string[] {
	const { lengths, reference, kl } = planeNeeds(objective);
	const means = (known: boolean): string => (known ? 'means of this run' : 'assumed');
	const { title } = objective;
	const notes: string[] = [];
	if (reference) {
		const per = setting.reference;
		notes.push(
			`${title} reads how likely an answer is, not how much that changed. The axes still show the change from the base model; the field adds the base model’s own ${fixed(per.chosen)} nats per token for chosen and ${fixed(per.rejected)} for rejected (${means(measured.reference)}).`,
		);
		notes.push(certainty(setting));
	}
	if (lengths) {
		const { chosen, rejected } = setting.lengths;
		notes.push(
			`It divides by the length of an answer: the field is for ${fixed(chosen, 0)} tokens in chosen and ${fixed(rejected, 0)} in rejected (${means(measured.lengths)}); a pair is read with its own lengths.`,
		);
	}
	if (objective.axes.quantity === 'logratio')
		notes.push(
			`${title} compares log π − log π_base itself: on these axes a reward divided by β = ${setting.beta}.`,
		);
	if (kl) notes.push('Its KL estimate is 0 here, its value before the first step.');
	if (objective.separable && !reference)
		notes.push(
			'Each answer has a term of its own, so neither reward changes the push on the other; an unpaired row has only one of the two axes.',
		);
	return notes;
}

function certainty(setting: PlaneSetting): string {
	const { chosen, rejected } = largestRewards(setting);
	return `No such answer can pass r_w ${fixed(chosen, 1)} or r_l ${fixed(rejected, 1)}, where it is certain.`;
}
