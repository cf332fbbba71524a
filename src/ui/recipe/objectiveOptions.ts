/** The objectives as options of a choice, in groups. */
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import { isInPaper, registeredObjectives } from '#core/loss/objectives/registry.ts';
import { FORMULA, SUM } from '#core/loss/objectives/settings.ts';

export interface ObjectiveOption {
	id: string;
	label: string;
	group: string;
}

/** The registered objectives: those of APO's paper, then TRL's others. */
export function registeredOptions(): readonly ObjectiveOption[] {
	return registeredObjectives().map(({ id, title }) => ({
		id,
		label: title,
		group: isInPaper(id) ? 'In the paper of APO' : 'Others in TRL',
	}));
}

/** All objectives that a recipe can name. */
export function objectiveOptions(): readonly ObjectiveOption[] {
	const own = [FORMULA, SUM].map((id) => ({ id, label: titleOf({ id }), group: 'Your own' }));
	return [...registeredOptions(), ...own];
}
