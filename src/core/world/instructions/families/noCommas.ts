/** No commas: `Describe the sea without using any commas.` → `The sea is cold and deep and wide.` */
import { PROSE } from '../topics/pools.ts';
import type { InstructionFamily } from '../family.ts';
import { VERBS } from '../text/clauses.ts';
import { bare, wholeText } from '../text/sentences.ts';

export const noCommas: InstructionFamily = {
	id: 'no-commas',
	name: 'No commas',
	describe: 'An answer without commas; answers usually have some.',
	topics: PROSE,
	phrasings: [
		'{Request} without using any commas.',
		'{Request}. Do not use commas.',
		'{Request}. Your answer may not contain a comma.',
		'Please {request}, but write no commas.',
		'Without a single comma, {request}.',
		'{Request}. Avoid commas completely.',
		'{Request}. No commas are allowed.',
		'Use no commas in your answer: {request}.',
	],
	values: [{}],
	fewestWords: 3,
	rule: () => ({
		fault(answer) {
			const at = answer.search(/[,，、،]/);
			return at < 0 ? null : `There is a comma after “${answer.slice(Math.max(0, at - 16), at).trim()}”.`;
		},
		mend: (answer) =>
			wholeText(answer)
				.replace(/[，、،]/g, ',')
				.split('\n')
				.map(withoutCommas)
				.join('\n'),
		remedy: '“and” or nothing can take the place of each comma.',
	}),
};

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));
/** Words that follow without a comma. */
const JOINING = words(
	'and or but so yet nor which who whose where when while as because with without although though if since until unless after before including such like especially from to in on at for by of that making allowing providing creating offering using ranging depending even not then too',
);
/** Words that begin a further part of the sentence. */
const PARTS = words(
	'a an the it they he she we you i this these there its their his her our your my one each some',
);
/** Words and phrases before the first comma of a sentence. */
const OPENERS = words(
	'in on at for from with by to as when while if because after before during since although though however yes no well first second third finally also today overall indeed moreover therefore instead additionally furthermore once until unless by without and but so or then meanwhile sometimes often usually',
);

function withoutCommas(line: string): string {
	const tokens = line.split(' ');
	let opener: string | null = null;
	return tokens
		.map((token, i) => {
			const begins = i === 0 || /[.!?:]["”]?$/.test((tokens[i - 1] ?? '').slice(-2));
			if (begins) opener = bare(token);
			if (!token.includes(',')) return token;
			const wasOpener = opener !== null && OPENERS.has(opener);
			opener = null;
			return withoutComma(token, bare(tokens[i + 1] ?? ''), wasOpener);
		})
		.join(' ');
}

/** Digits keep together: 1,000 becomes 1000. */
function withoutComma(token: string, next: string, wasOpener: boolean): string {
	const inner = token.replace(/(?<=\d),(?=\d)/g, '').replace(/,(?=[^\s,])/g, ' ');
	if (!inner.includes(',')) return inner.trim();
	const plain = inner.replaceAll(',', '');
	if (next === '' || wasOpener || JOINING.has(next) || VERBS.has(next)) return plain;
	return PARTS.has(next) ? `${plain} –` : `${plain} and`;
}
