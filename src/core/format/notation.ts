/** Rows in the notations of programs: a list in YAML, Python or JavaScript. Other code and notebooks are refused by name. */
import { FormatError } from '../errors.ts';
import { parseJson } from './json.ts';
import { readJsonRows } from './jsonRows.ts';
import { withoutComments } from './relaxedJson.ts';
import { type FileRow, shown, shownValue } from './rows.ts';
import { LineCounter } from './text.ts';
import { yamlRows } from './yamlRows.ts';

const CODE: Readonly<Record<string, string>> = {
	...{ py: 'Python', js: 'JavaScript', mjs: 'JavaScript', cjs: 'JavaScript', ts: 'TypeScript' },
	...{ jsx: 'JavaScript', tsx: 'TypeScript', rb: 'Ruby', php: 'PHP', go: 'Go', rs: 'Rust', java: 'Java' },
	...{ c: 'C', h: 'C', cpp: 'C++', cs: 'C#', kt: 'Kotlin', r: 'R', sh: 'a shell', sql: 'SQL', css: 'CSS' },
	...{ toml: 'TOML', ini: 'INI', svelte: 'Svelte', vue: 'Vue' },
};

/** An assignment or an export in front of a list: `prompts: list[str] =`, `export const prompts =`. */
const ASSIGNMENT =
	/^\s*(?:export\s+default\s|module\.exports\s*=|(?:(?:export\s+)?(?:const|let|var)\s+)?[\w$]{1,60}\s*(?::[\w[\]<>., ]{1,60})?=)\s*(?=\[)/;
const END = /\]\s*(?:as const\s*)?;?\s*$/;

/** Python's comments on lines of their own, as spaces. */
const withoutHashes = (text: string): string =>
	text.replace(/^[ \t]*#.*$/gm, (comment) => ' '.repeat(comment.length));

/** The rows of code that is one list; null if it is more. */
function listRows(text: string, isRow: (value: object) => boolean): FileRow[] | null {
	const code = withoutComments(withoutHashes(text));
	const start = ASSIGNMENT.exec(code)?.[0].length ?? code.length - code.trimStart().length;
	const end = END.exec(code.slice(-200));
	if (code.charAt(start) !== '[' || end === null) return null;
	const list = code.slice(start, code.length - (end[0].length - 1));
	// Line ends in place of the assignment keep the line numbers.
	const rows = readJsonRows(code.slice(0, start).replace(/[^\r\n]/g, ' ') + list, isRow);
	if (rows.every(({ ok }) => ok)) return rows;
	try {
		const values: unknown = parseJson(list);
		const line = new LineCounter(text).lineAt(start);
		return (values as unknown[]).map((value): FileRow => {
			const shownText = typeof value === 'object' && value !== null ? shownValue(value) : String(value);
			return { line, text: shown(shownText), ok: true, value };
		});
	} catch {
		// Calls, joined texts and the like are code.
		return null;
	}
}

function refused(source: string, what: string): FormatError {
	return new FormatError(`${source} is ${what}, not a list of rows.`, {
		code: 'file-code',
		hint: 'Write its rows to a JSONL or CSV file, or paste the texts, one per line.',
		context: { source },
	});
}

/** True for a Jupyter notebook, which is JSON without rows. */
export const isNotebook = (text: string): boolean =>
	/^\s*\{/.test(text) && /"nbformat"\s*:\s*\d/.test(text) && /"cells"\s*:\s*\[/.test(text);

/**
 * The rows of a file in such a notation; null for every other file.
 *
 * @param name  the file's name; its ending decides, except for notebooks
 * @param isRow true for an object that is one row
 * @throws FormatError `file-code` if the file holds more than one list
 */
export function notationRows(
	name: string,
	text: string,
	isRow: (value: object) => boolean,
): FileRow[] | null {
	const ending = /\.(\w{1,8})$/.exec(name.toLowerCase())?.[1] ?? '';
	if (ending === 'ipynb' || isNotebook(text)) throw refused(name, 'a Jupyter notebook');
	if (ending === 'yaml' || ending === 'yml') {
		// JSON is YAML.
		const rows = /^\s*[[{]/.test(text) ? readJsonRows(text, isRow) : yamlRows(text);
		if (rows === null) throw refused(name, 'YAML that is more than one list of texts or flat records');
		return rows;
	}
	const language = Object.hasOwn(CODE, ending) ? CODE[ending] : undefined;
	if (language === undefined) return null;
	const rows = listRows(text, isRow);
	if (rows === null)
		throw refused(name, `a file of ${language} code`.replace('of a shell code', 'of shell commands'));
	return rows;
}
