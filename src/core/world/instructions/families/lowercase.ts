/** Lower case: `Describe the sea in lowercase letters only.` → `the sea is wide.` */
import { PROSE } from '../topics/pools.ts';
import type { InstructionFamily } from '../family.ts';
import { wholeText } from '../text/sentences.ts';

export const lowercase: InstructionFamily = {
	id: 'lowercase',
	name: 'Lower case',
	describe: 'No capital letters; answers usually begin with one.',
	topics: PROSE,
	phrasings: [
		'{Request} in lowercase letters only.',
		'{Request}. Use only lowercase letters.',
		'{Request}. Your whole answer should be in lower case.',
		'{Request}, without any capital letters.',
		'Please {request}. No capital letters are allowed.',
		'Using lowercase letters only, {request}.',
		'{Request}. Do not write a single capital letter.',
		'Write in all lowercase: {request}.',
	],
	values: [{}],
	fewestWords: 3,
	rule: () => ({
		fault(answer) {
			const word = /[\p{Lu}\p{Lt}][\p{L}\p{N}'’]{0,30}/u.exec(answer)?.[0];
			return word === undefined ? null : `“${word}” has a capital letter.`;
		},
		mend: (answer) => wholeText(answer).toLowerCase(),
		remedy: 'Only the capital letters change.',
	}),
};
