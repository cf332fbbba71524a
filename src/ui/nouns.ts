/** Names of the eight nouns and of families on the page. */
import { PIPELINE, type Noun } from '#core/pipeline.ts';
import { families } from '#core/world/tiny/families.ts';

export const TITLES = Object.fromEntries(PIPELINE.map(({ id, title }) => [id, title])) as Readonly<
	Record<Noun, string>
>;

const FAMILY_NAMES: ReadonlyMap<string, string> = new Map(families.map(({ id, name }) => [id, name]));

/** A family's display name; an unknown id is returned as it is. */
export function familyName(id: string | null): string {
	return id === null ? 'your own' : (FAMILY_NAMES.get(id) ?? id);
}
