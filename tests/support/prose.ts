/** Finds the prose of a source file: comments and docstrings, or all text of a Markdown file. */
import ts from 'typescript';

/** Replaces each character of code; it is neither a word character nor white space. */
const CODE = '·';

/**
 * Masks everything except prose: returns a text of the same length and with the same lines, in which code,
 * string literals and text in backticks are {@link CODE} and the marks of comments are spaces.
 *
 * @param file a path whose ending names the language: ts, mjs, svelte, py or md
 */
export function proseOf(file: string, source: string): string {
	return maskerOf(file)(source).replace(/`[^`\n]*`/g, hide);
}

function maskerOf(file: string): (source: string) => string {
	if (file.endsWith('.svelte')) return ofSvelte;
	if (file.endsWith('.py')) return ofPython;
	return file.endsWith('.md') ? ofMarkdown : ofTypeScript;
}

const hide = (text: string): string => text.replace(/\S/g, CODE);
const blank = (text: string): string => text.replace(/\S/g, ' ');

/** Hides the parts of `source` that are outside the matches of `prose`; `unmark` removes the marks of a match. */
function reveal(source: string, prose: RegExp, unmark: (match: string, index: number) => string): string {
	let masked = '';
	let end = 0;
	for (const match of source.matchAll(prose)) {
		masked += hide(source.slice(end, match.index)) + unmark(match[0], match.index);
		end = match.index + match[0].length;
	}
	return masked + hide(source.slice(end));
}

/** The end mark becomes code, so that no phrase can continue in the next comment. */
const unmarkComment = (comment: string): string =>
	comment.replace(/\*\/$/, hide).replace(/^[ \t]*(?:\/\/|\/\*+|\*)/gm, blank);

function ofTypeScript(source: string): string {
	return reveal(withoutLiterals(source), /\/\*[\s\S]*?\*\/|\/\/.*/g, unmarkComment);
}

function withoutLiterals(source: string): string {
	const options = {
		languageVersion: ts.ScriptTarget.Latest,
		jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
	};
	const file = ts.createSourceFile('source.ts', source, options);
	let masked = '';
	let end = 0;
	const visit = (node: ts.Node): void => {
		if (
			!ts.isLiteralExpression(node) &&
			!ts.isTemplateMiddleOrTemplateTail(node) &&
			!ts.isTemplateHead(node)
		) {
			ts.forEachChild(node, visit);
			return;
		}
		const start = node.getStart(file);
		masked += source.slice(end, start) + hide(source.slice(start, node.end));
		end = node.end;
	};
	visit(file);
	return masked + source.slice(end);
}

/** The script as TypeScript; comments of the markup and of the style. */
function ofSvelte(source: string): string {
	let masked = '';
	let end = 0;
	for (const { 0: whole, 1: open = '', 2: script = '', index } of source.matchAll(
		/(<script\b[^>]*>)([\s\S]*?)<\/script>/g,
	)) {
		masked += ofMarkup(source.slice(end, index)) + hide(open) + ofTypeScript(script) + hide('</script>');
		end = index + whole.length;
	}
	return masked + ofMarkup(source.slice(end));
}

function ofMarkup(source: string): string {
	return reveal(source, /<!--[\s\S]*?-->|(?<=<style[^]*)\/\*[\s\S]*?\*\//g, (comment) =>
		unmarkComment(comment.replace(/^<!--/, blank).replace(/-->$/, hide)),
	);
}

const PYTHON = /("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#.*/g;

/** Comments, and strings in triple quotes that start a line. */
function ofPython(source: string): string {
	return reveal(source, PYTHON, (match, index) => {
		if (match.startsWith('#')) return match.replace('#', ' ');
		const before = source.slice(source.lastIndexOf('\n', index - 1) + 1, index);
		const isDocstring = /^("""|''')/.test(match) && before.trim() === '';
		return isDocstring ? match.replace(/^.../, blank).replace(/...$/, hide) : hide(match);
	});
}

/** Everything except code blocks and the sections that a program writes between two marks. */
function ofMarkdown(source: string): string {
	return source.replace(/^```[\s\S]*?^```|<!-- begin (\S+) -->[\s\S]*?<!-- end \1 -->/gm, hide);
}
