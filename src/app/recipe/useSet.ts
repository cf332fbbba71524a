/** Sets the draft to a kept set, or back to a data method. */
import { withoutSet, withSet } from '#core/recipe/withSet.ts';
import { worldIdOf } from '#core/world/registry.ts';
import type { Session } from '../session.svelte.ts';

type Page = Pick<Session, 'imported' | 'draft'>;

/** The draft trains on the set. @returns false if the set cannot be read, and `sets.error` says why */
export async function chooseSet({ imported, draft }: Page, id: string): Promise<boolean> {
	const { sets } = imported;
	const set = await sets.read(id);
	if (set === null) return false;
	const world = worldIdOf(set.pairs[0]?.prompt.text ?? '');
	draft.load(withSet(draft.recipe, sets.take(set), world));
	return true;
}

/** The draft makes its pairs by a data method, or trains on imported ones. */
export function chooseMethod({ imported, draft }: Page, method: string): void {
	draft.load(withoutSet(draft.recipe, method, imported.prompts.set !== null));
}

/** Opens the recipe with the set as its pairs. */
export async function useInRun(session: Session, id: string): Promise<void> {
	session.change();
	if (!(await chooseSet(session, id))) return;
	session.place = 'loop';
}
