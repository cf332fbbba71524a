/** Sets the draft to a kept set, or back to a data method. */
import type { SetPair } from '#core/pair/set/keptSet.ts';
import type { SetReference } from '#core/recipe/setReference.ts';
import { withoutSet, withSet } from '#core/recipe/withSet.ts';
import { worldIdOf } from '#core/world/registry.ts';
import type { WorldId } from '#core/world/world.ts';
import type { Session } from '../session.svelte.ts';

type Page = Pick<Session, 'imported' | 'draft'>;

const worldOf = (pairs: readonly SetPair[]): WorldId | null => worldIdOf(pairs[0]?.prompt.text ?? '');

/** The draft trains on the set. @returns false if the set cannot be read, and `sets.error` says why */
export async function chooseSet({ imported, draft }: Page, id: string): Promise<boolean> {
	const { sets } = imported;
	const set = await sets.read(id);
	if (set === null) return false;
	draft.load(withSet(draft.recipe, sets.take(set), worldOf(set.pairs)));
	return true;
}

/** The draft trains on pairs of a file, which are not kept. */
export async function chooseFile(
	{ imported, draft }: Page,
	name: string,
	pairs: readonly SetPair[],
): Promise<SetReference> {
	const set = await imported.sets.takeFile(name, pairs);
	draft.load(withSet(draft.recipe, set, worldOf(pairs)));
	return set;
}

/** The draft makes its pairs by a data method, or trains on imported ones. */
export function chooseMethod({ imported, draft }: Page, method: string): void {
	draft.load(withoutSet(draft.recipe, method, imported.prompts.set !== null));
}

/** Opens the recipe with the set as its pairs. */
export async function useInRun(session: Session, id: string): Promise<void> {
	if (!session.fresh) session.change();
	if (!(await chooseSet(session, id))) return;
	session.place = 'loop';
}
