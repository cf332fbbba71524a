/** The registered objectives as the page lists them: those of APO's paper first, the others by their form. */
import type { CompiledObjective, ObjectiveForm } from '#core/loss/objectives/objective.ts';
import { isInPaper, listObjectives } from '#core/loss/objectives/registry.ts';

export interface ObjectiveGroup {
	title: string;
	/** One sentence for a student. */
	note: string;
	objectives: readonly CompiledObjective[];
}

const FORMS: readonly { form: ObjectiveForm; title: string; note: string }[] = [
	{
		form: 'pairwise',
		title: 'Pairwise',
		note: 'Only a comparison of the two answers counts: both may rise, and both may fall.',
	},
	{
		form: 'pointwise',
		title: 'Pointwise',
		note: 'Each answer has a term of its own, so that answers without a partner can be trained on.',
	},
	{
		form: 'mixed',
		title: 'Mixed',
		note: 'One term compares the two answers, another looks at one of them by itself.',
	},
];

export function objectiveGroups(): readonly ObjectiveGroup[] {
	const all = listObjectives();
	const paper = {
		title: 'In the paper of APO',
		note: 'The five that it compares.',
		objectives: all.filter(({ id }) => isInPaper(id)),
	};
	const others = FORMS.map(({ form, ...texts }) => ({
		...texts,
		objectives: all.filter((objective) => objective.form === form && !isInPaper(objective.id)),
	}));
	return [paper, ...others.filter(({ objectives }) => objectives.length > 0)];
}
