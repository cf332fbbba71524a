/** The open run is replaced as a whole: a component that takes it apart once, outside of a derived value, keeps a stale one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A declaration at the top of a component's script that reads the open run without `$derived`. */
const STALE =
	/^\tconst (?:\{[^}]*\b(?:run|steps|tracked|stepSummaries)\b[^}]*\} = session;|.* = (?:session|useSession\(\))\.(?:run|steps|tracked|stepSummaries)\b.*;|\{[^}]*\b(?:run|steps|tracked|stepSummaries)\b[^}]*\} = useSession\(\);)$/gm;

test('no component keeps the open run', () => {
	const components = readdirSync('src/ui', { recursive: true, encoding: 'utf8' }).filter((name) =>
		name.endsWith('.svelte'),
	);
	expect(components.length).toBeGreaterThan(50);
	const stale = components.flatMap((name) =>
		[...readFileSync(join('src/ui', name), 'utf8').matchAll(STALE)].map(
			([line]) => `${name}: ${line.trim()}`,
		),
	);
	expect(stale).toEqual([]);
});

test.each([
	'\tconst { run } = session;',
	'\tconst { loss } = session.steps;',
	'\tconst { revision: step } = useSession().steps;',
	'\tconst { sideBySide, steps } = useSession();',
	'\tconst tracked = session.tracked;',
])('the check sees %s', (line) => {
	expect(line.match(STALE)).not.toBeNull();
	expect(line.replace(/= (.*);/, '= $derived($1);').match(STALE)).toBeNull();
});
