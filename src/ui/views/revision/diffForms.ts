/** The three forms of a diff. */
export type DiffForm = 'two-lines' | 'in-one' | 'plain';
export const DIFF_FORMS = [
	{ id: 'two-lines', label: 'Two lines' },
	{ id: 'in-one', label: 'In one' },
	{ id: 'plain', label: 'Plain' },
] as const satisfies readonly { id: DiffForm; label: string }[];
/** The next form, for the key D; after the last the first. */
export function nextForm(form: DiffForm): DiffForm {
	const at = DIFF_FORMS.findIndex(({ id }) => id === form);
	return DIFF_FORMS[(at + 1) % DIFF_FORMS.length]?.id ?? 'two-lines';
}
