/** What a run can be taken away as. Settings and data only: never a key. */
import type { Session } from '#app/session.svelte.ts';
import { saveText } from '../save.ts';

export function exportChoices(session: Session): { label: string; detail: string; onclick: () => void }[] {
	const { pair, loss } = session.steps;
	return [
		{
			label: 'Pairs',
			detail: 'JSONL for TRL',
			onclick: () => saveText('pairs.jsonl', pair.toJsonl(), 'application/jsonl'),
		},
		{
			label: 'Curves',
			detail: 'one JSON line a step, TRL’s names',
			onclick: () =>
				saveText(
					'metrics.jsonl',
					loss.history.map((row) => `${JSON.stringify(row)}\n`).join(''),
					'application/jsonl',
				),
		},
		{
			label: 'Recipe',
			detail: 'JSON; npm run loop reads it too',
			onclick: () => saveText('recipe.json', JSON.stringify(session.recipe, null, '\t'), 'application/json'),
		},
	];
}
