/** Every definition of the glossary is on the page, and is one line. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GLOSSARY } from '#app/text/glossary.ts';

const page = globSync('src/ui/**/*.svelte').map((file) => readFileSync(file, 'utf8'));
const placed = new Set(
	page.flatMap((text) => [...text.matchAll(/<Term\s+of="(\w+)"/g)].map((found) => found[1])),
);

test.each(Object.entries(GLOSSARY))('“%s” is defined where it appears, in one line', (term, definition) => {
	expect(placed).toContain(term);
	expect(definition).not.toContain('\n');
	expect(definition.length).toBeLessThan(200);
});
