/** Language: `Describe the sea in French.` No run trains on this family: a rule cannot translate. */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { joined, sentencesOf, tokensOf, bare } from '../text/sentences.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Frequent small words of each language; words of two of the languages are left out. */
const SMALL_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
	English: words(
		'the of and to is are was were that it for with as this they have has be by from can or which you your their its an will not but when how what where these',
	),
	French: words(
		'le les des du et est une dans pour qui que pas sur avec plus sont ce cette ces il elle ils nous vous aux au ou où très être sans leur mais comme d’un c’est',
	),
	Spanish: words(
		'el los las y es una en para que por con del su se más son como pero muy este esta está al lo sus también hay puede cuando sobre entre ser',
	),
	German: words(
		'der das und ist ein eine nicht mit von zu im auf für den dem sich auch sie es wie aus oder bei sind werden wird durch kann einen einer über sehr wenn',
	),
	Italian: words(
		'il gli di è un una per che con non sono della del nel si anche più come dei le alla questo questa dal sul può molto essere o delle ma loro',
	),
};

export const language: InstructionFamily = {
	id: 'language',
	name: 'Another language',
	describe: 'An answer in another language; small models often answer in English.',
	topics: PROSE,
	phrasings: [
		'{Request} in {language}.',
		'{Request}. Answer in {language}.',
		'{Request}. Write your whole answer in {language}.',
		'Please {request}. Use only {language}.',
		'In {language}, {request}.',
		'{Request}. Your answer must be in {language}, not in English.',
		'{Request}. Reply in {language} only.',
		'Answer in {language}: {request}.',
	],
	values: Object.keys(SMALL_WORDS)
		.filter((name) => name !== 'English')
		.map((name) => ({ language: name })),
	fewestWords: 4,
	rule({ language: wanted = '' }) {
		return {
			fault(answer) {
				const found = languageOf(answer);
				const other = found === wanted ? otherSentence(answer, wanted) : null;
				if (found === wanted) return other === null ? null : `“${other.slice(0, 40)}” is not in ${wanted}.`;
				return found === null
					? `The answer is not clearly in ${wanted}.`
					: `The answer is in ${found}, not in ${wanted}.`;
			},
			mend(answer) {
				const kept = sentencesOf(answer).filter(({ text }) => languageOf(text) === wanted);
				return kept.length === 0
					? refuse('No sentence is in the language, and a rule cannot translate.')
					: joined(kept);
			},
			remedy: `The sentences in ${wanted} can stay.`,
		};
	},
};

/** A sentence that is clearly in another language than the answer, or null. */
function otherSentence(answer: string, wanted: string): string | null {
	const other = sentencesOf(answer).find(({ text }) => {
		const found = tokensOf(text).length < LEAST_WORDS ? null : languageOf(text);
		return found !== null && found !== wanted;
	});
	return other?.text ?? null;
}

/** Shorter sentences may be names or quotations. */
const LEAST_WORDS = 4;

/** Share of small words of the language that a text must have, and its lead over every other language. */
const LEAST_SHARE = 0.12;
const LEAD = 1.5;

/** Null if no language is clear. */
function languageOf(text: string): string | null {
	const tokens = tokensOf(text).map(bare);
	const counts = Object.entries(SMALL_WORDS).map(([name, small]) => ({
		name,
		count: tokens.filter((token) => small.has(token)).length,
	}));
	const [best, second] = counts.sort((a, b) => b.count - a.count);
	if (!best || best.count < LEAST_SHARE * tokens.length || best.count < LEAD * (second?.count ?? 0))
		return null;
	return best.count === 0 ? null : best.name;
}
