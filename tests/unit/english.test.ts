/**
 * Checks comments and docs for phrases that usually break their rule: every sentence has an identifier or a
 * glossary term as its subject, an active verb, and its conditions with "if" or "when".
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proseOf } from '#tests/support/prose.ts';

/** Folders and files that follow the rule; a ! excludes an entry. `['.']` holds the whole project. */
const HELD: readonly string[] = ['.'];

type Row = readonly [phrase: RegExp, example: string, plain: string];

/** A space in a phrase matches any white space, even a line break. */
const PHRASES: readonly Row[] = [
	[/\bwhere there (?:is|are|was|were)\b/gi, 'Null where there is no GPU.', '“if there is”, “without”'],
	[/\bwhere (?:none|one) (?:is|was|does|did)\b/gi, 'Absent where none was chosen.', '“if none”'],
	[/\bWhat\b(?![^.?!·]*\?)/g, 'What a run needs.', 'a noun, such as “Inputs of a run”'],
	[/\bwho(?:m|so)?ever\b/gi, 'Whoever opened it closes it.', '“the caller”, “the user”'],
	[/\bwhat(?:so)?ever\b/gi, 'Whatever the kernels allocate.', '“any”, “for every”'],
	[/\bthe one that\b/gi, 'Keeps the one that is newest.', 'the noun, such as “the newest run”'],
	[/\btold (?:in|of|by|from|to)\b/gi, 'The reason, told in the log.', '“reported”, “described”'],
	[/\b(?:is|are|was|were|be|been) told\b/gi, 'The page is told first.', '“is notified”, “receives”'],
	[/\blet go\b/gi, 'A lost engine is let go.', '“disposed”, “released”'],
	[/\banew\b/gi, 'Training starts anew.', '“again”, “restarts”'],
	[/\bbegun\b/gi, 'A run that has begun.', '“started”'],
	[/\bbrought\b/gi, 'The retry brought nothing.', '“achieved”, “loaded”, “returned”'],
	[/\b(?:came|comes?) of\b/gi, 'A run and all that came of it.', '“results of”'],
	[/\bof (?:one|a person)[’']s own\b/gi, 'Pairs of one’s own.', '“imported”, “your own”'],
	[
		/\bas (?:it|they) (?:then|now) (?:is|are|was|were)\b/gi,
		'The state as it then is.',
		'“the current state”',
	],
	[/\b(?:is|are|was|were|be|been) had\b/gi, 'No device could be had.', '“is available”, “was found”'],
	[/\b(?:stands?|stood)\b(?! (?:in )?for\b)/gi, 'The reason stands in the report.', '“is”'],
	[/\b(?:lies?|lay)\b(?! (?:out|down)\b)/gi, 'The file lies in the cache.', '“is”, “is stored”'],
];

interface Finding {
	line: number;
	phrase: string;
	plain: string;
}

const spaced = (phrase: RegExp): RegExp => new RegExp(phrase.source.replaceAll(' ', '\\s+'), phrase.flags);

function findingsIn(file: string, source: string, phrases = PHRASES): Finding[] {
	const prose = proseOf(file, source);
	return phrases.flatMap(([phrase, , plain]) =>
		[...prose.matchAll(spaced(phrase))].map(({ 0: found, index }) => ({
			line: prose.slice(0, index).split('\n').length,
			phrase: found.replace(/\s+/g, ' '),
			plain,
		})),
	);
}

const SCANNED = /\.(?:ts|mjs|svelte|py|md)$/;
const SKIPPED = /(?:^|\/)(?:node_modules|dist|build|data|\.[^/]+)\//;

function filesOf(path: string): string[] {
	if (statSync(path).isFile()) return [path];
	return readdirSync(path, { recursive: true, encoding: 'utf8' })
		.map((name) => join(path, name).replaceAll('\\', '/'))
		.filter((name) => SCANNED.test(name) && !SKIPPED.test(name));
}

function heldFiles(): string[] {
	const excluded = HELD.filter((path) => path.startsWith('!')).map((path) => path.slice(1));
	return HELD.filter((path) => !path.startsWith('!'))
		.flatMap(filesOf)
		.filter((file) => !excluded.some((path) => file.startsWith(path)));
}

test('comments and docs avoid the phrases that mark unclear sentences', () => {
	const findings = heldFiles().flatMap((file) =>
		findingsIn(file, readFileSync(file, 'utf8')).map(
			({ line, phrase, plain }) => `${file}:${line} “${phrase}”; write ${plain}`,
		),
	);
	expect(findings).toEqual([]);
});

describe('the check sees', () => {
	test.each(PHRASES)('%s', (...row: Row) => {
		const words = row[1].split(' ');
		for (const comment of [`// ${words.join(' ')}`, `/** ${words.join('\n\t * ')} */`])
			expect(findingsIn('x.ts', `f();\n\t${comment}\ng();\n`, [row])).toHaveLength(1);
	});

	test.each([
		['a line comment', 'x.mjs', 'f(); // begun\n', 1],
		['a phrase over two line comments', 'x.ts', 'f();\n// null where there\n// is none\n', 2],
		['the script of a component', 'x.svelte', '<script lang="ts">\n\tf(); // begun\n</script>\n', 2],
		['a comment of the markup', 'x.svelte', '<p>\n<!-- begun -->\n</p>\n', 2],
		['a comment of the style', 'x.svelte', '<style>\n\tp {\n\t\t/* begun */\n\t}\n</style>\n', 3],
		['a Python comment', 'x.py', 'x = "#"  # begun\n', 1],
		['a docstring', 'x.py', 'def f():\n    """First.\n\n    A run that has begun.\n    """\n', 4],
		['Markdown', 'x.md', '# Runs\n\nA run that has begun.\n', 3],
	])('%s', (_name, file, source, line) => {
		expect(findingsIn(file, source).map((finding) => finding.line)).toEqual([line]);
	});
});

test.each([
	['identifiers and strings', 'x.ts', "const begun = 'begun // begun'; // fine\n"],
	['template literals', 'x.ts', 'const x = `// begun ${f(`begun`)} /* begun */`;\n'],
	['regular expressions', 'x.ts', 'const x = /\\/\\/ begun/;\n'],
	['two comments around code', 'x.ts', '// let\nf(); // go\n'],
	['code in backticks', 'x.ts', '// Calls `begun()`.\n'],
	['questions', 'x.ts', '// What is the cost?\n'],
	['text and attributes of a component', 'x.svelte', '<p title="/* begun */">begun // begun</p>\n'],
	['Python strings', 'x.py', 'begun = """\nbegun # begun"""\ny = "# begun"\n'],
	[
		'code and generated sections of Markdown',
		'x.md',
		'```sh\nbegun\n```\n<!-- begin a -->\nbegun\n<!-- end a -->\n',
	],
])('%s are not scanned', (_name, file, source) => {
	expect(findingsIn(file, source)).toEqual([]);
});
