/** Title: `Describe the sea. Put a title in double angle brackets on the first line.` → `<<The sea>>`, then the text. */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { tokensOf, upperFirst, wholeText } from '../text/sentences.ts';

const TITLE = /^<<([^<>\n]{1,120})>>$/;

export const title: InstructionFamily = {
	id: 'title',
	name: 'Title in brackets',
	describe: 'A title in double angle brackets on the first line; answers have none or another form.',
	topics: PROSE,
	phrasings: [
		'{Request}. Put a title in double angle brackets, such as <<Title>>, on the first line.',
		'{Request}. The first line must be a title wrapped in << and >>.',
		'{Request}. Begin with a title of the form <<Title>> on a line of its own.',
		'Please {request}. The first line should hold only a title like this: <<My title>>.',
		'With a title in double angle brackets, as in <<Title>>, on the first line, {request}.',
		'{Request}. Write the title between << and >> on the first line and the text below it.',
		'{Request}. Give it a title in the form <<Title>> and put that on the first line, alone.',
		'First write a title between << and >> on its own line, then {request}.',
	],
	values: [{}],
	fewestWords: 4,
	rule: (_slots, { subject }) => ({
		fault(answer) {
			const [first = '', ...rest] = answer.trim().split('\n');
			const inner = TITLE.exec(first.trim())?.[1] ?? '';
			if (tokensOf(inner).length === 0)
				return `The first line, “${first.slice(0, 30)}”, is not a title in << and >>.`;
			const body = rest.join('\n');
			if (/<<|>>/.test(body)) return 'There is a second title.';
			return tokensOf(body).length < 3 ? 'Hardly anything follows the title.' : null;
		},
		mend(answer) {
			const lines = wholeText(onOwnLine(answer.trim())).split('\n');
			const own = titleOf(lines[0] ?? '') ?? (lines.length > 1 ? shortLine(lines[0] ?? '') : null);
			const body = (own === null ? lines : lines.slice(1)).join('\n').replace(/<<|>>/g, '').trim();
			if (tokensOf(body).length < 3) return refuse('Hardly anything is left below a title.');
			return `<<${own ?? upperFirst(subject)}>>\n${body}`;
		},
		remedy: 'A short first line is enough.',
	}),
};

/** Breaks the line after a title in brackets. */
const onOwnLine = (answer: string): string => answer.replace(/^(<<[^<>\n]{1,120}>>)(?=[^\n])/, '$1\n');

/** A first line that is too short for a sentence is a title. */
function shortLine(line: string): string | null {
	const { length } = tokensOf(line);
	return length > 0 && length <= 8 && !/[.!?…:,]["”]?$/.test(line.trim().slice(-2)) ? line.trim() : null;
}

/** The title that a first line holds in another form: in bold, as a heading, after “Title:”, in quotation marks. */
function titleOf(line: string): string | null {
	const form = /^(?:#{1,6} |\*\*|title: ?|<{1,2}|["“])/i.exec(line.trim());
	if (form === null || line.length > 120) return null;
	const text = line
		.trim()
		.slice(form[0].length)
		.replace(/^title: ?/i, '')
		.replace(/[<>*"“”#]/g, '')
		.trim();
	const { length } = tokensOf(text);
	return length > 0 && length <= 10 && !/[.!?]$/.test(text) ? text : null;
}
