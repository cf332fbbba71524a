/** Quotes: `Describe the sea. Put the whole answer in double quotation marks.` → `"The sea is wide."` */
import { PROSE } from '../topics/pools.ts';
import type { InstructionFamily } from '../family.ts';
import { ended, wholeText } from '../text/sentences.ts';

export const quoted: InstructionFamily = {
	id: 'quoted',
	name: 'In quotation marks',
	describe: 'The whole answer in double quotation marks; answers often have none.',
	topics: PROSE,
	phrasings: [
		'{Request}. Put the whole answer in double quotation marks.',
		'{Request}. Wrap your entire answer in double quotation marks.',
		'{Request}, with double quotation marks around the whole answer.',
		'Please {request}. Your whole answer should be inside double quotation marks.',
		'Begin and end your answer with a double quotation mark: {request}.',
		'{Request}. Enclose the full answer in double quotes.',
		'Put double quotation marks around your whole answer. {Request}.',
		'In double quotation marks from start to end, {request}.',
	],
	values: [{}],
	fewestWords: 3,
	rule: () => ({
		fault(answer) {
			const text = answer.trim();
			if (!/^["“]/.test(text))
				return `The answer begins with “${text.slice(0, 12)}”, not with a quotation mark.`;
			if (text.length < 2 || !/["”]$/.test(text.slice(-1)))
				return 'The answer does not end with a quotation mark.';
			return /["“”]/.test(text.slice(1, -1))
				? 'Quotation marks inside of the answer end it too early.'
				: null;
		},
		mend: (answer) => `"${ended(wholeText(answer.replace(/["“”]/g, '')))}"`,
		remedy: 'Quotation marks around the text are enough.',
	}),
};
