/** Word limit: `Describe the sea in at most 15 words.` → at most fifteen words, cut after a sentence or a clause. */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { withoutPreamble } from '../text/preamble.ts';
import { shortened } from '../text/clauses.ts';
import { joined, sentencesOf, tokensOf, type Sentence } from '../text/sentences.ts';

const LIMITS = [10, 12, 15, 18, 20, 25, 30];

export const wordLimit: InstructionFamily = {
	id: 'word-limit',
	name: 'Word limit',
	describe: 'At most so many words; answers are often longer.',
	topics: PROSE,
	phrasings: [
		'{Request} in at most {n} words.',
		'{Request}. Use no more than {n} words.',
		'{Request} in {n} words or fewer.',
		'Please {request}, but keep it to {n} words at most.',
		'{Request}. Your answer may have up to {n} words.',
		'In no more than {n} words, {request}.',
		'{Request}. Stay within a limit of {n} words.',
		'Write {n} words at most: {request}.',
	],
	values: LIMITS.map((n) => ({ n: String(n) })),
	fewestWords: 3,
	rule({ n = '' }) {
		const most = Number(n);
		return {
			fault(answer) {
				const { length } = tokensOf(answer);
				return length <= most ? null : `The answer has ${length} words, and the limit is ${most}.`;
			},
			mend(answer) {
				const sentences = sentencesOf(withoutPreamble(answer));
				const kept = fitting(sentences, most);
				if (kept.length > 0) return joined(kept);
				const short = shortened(sentences[0]?.text ?? '', most);
				return short ?? refuse('The first sentence is too long and has no place to end earlier.');
			},
			remedy: 'The beginning can stay; the rest is cut.',
		};
	},
};

/** As many whole sentences from the start as fit. */
function fitting(sentences: readonly Sentence[], most: number): Sentence[] {
	const kept: Sentence[] = [];
	let left = most;
	for (const sentence of sentences) {
		left -= tokensOf(sentence.text).length;
		if (left < 0 || (!sentence.complete && kept.length > 0)) break;
		kept.push(sentence);
	}
	return kept;
}
