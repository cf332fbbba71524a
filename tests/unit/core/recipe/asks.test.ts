/** Which sections of models each data method asks. */
import { methodOf } from '#core/pair/methods/registry.ts';
import { ASKED_SECTIONS, asks, type AskedSection } from '#core/recipe/asks.ts';
import { expect, test } from 'vitest';

test.each<[string, readonly AskedSection[]]>([
	['clair', ['reviser']],
	['on_policy_judge', ['judge']],
	['off_policy_judge', ['judge', 'others']],
	['stronger_preferred', ['stronger']],
	['imported', []],
])('%s asks %j', (id, sections) => {
	expect(ASKED_SECTIONS.filter((section) => asks(methodOf(id), section))).toEqual(sections);
});
