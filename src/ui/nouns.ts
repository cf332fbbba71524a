/** Names of the eight nouns and of families on the page. */
import { PIPELINE, type Noun } from '#core/pipeline.ts';
import { familyOf } from '#core/world/registry.ts';

export const TITLES = Object.fromEntries(PIPELINE.map(({ id, title }) => [id, title])) as Readonly<
	Record<Noun, string>
>;

/** A family's display name; an unknown id is returned as it is. */
export function familyName(id: string | null): string {
	return id === null ? 'your own' : (familyOf(id)?.name ?? id);
}
