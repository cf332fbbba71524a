/** Sentences: `Describe the sea in exactly two sentences.` → two whole sentences. */
import { numeral, readNumeral } from '../../../text/wording.ts';
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { withoutPreamble } from '../text/preamble.ts';
import { joined, sentencesOf, upperFirst, type Sentence } from '../text/sentences.ts';

const COUNTS = [1, 2, 3];
const counted = (count: number): string => `${numeral(count)} sentence${count === 1 ? '' : 's'}`;

export const sentenceCount: InstructionFamily = {
	id: 'sentence-count',
	name: 'Number of sentences',
	describe: 'Exactly so many sentences; answers have more or fewer.',
	topics: PROSE,
	phrasings: [
		'{Request} in exactly {n}.',
		'{Request}. Write exactly {n}.',
		'{Request}. Your answer should have exactly {n}.',
		'Please {request}, using exactly {n}.',
		'In exactly {n}, {request}.',
		'{Request} in {n}, no more and no fewer.',
		'Answer in exactly {n}: {request}.',
		'{Request}. The answer must be {n} long.',
	],
	values: COUNTS.map((count) => ({ n: counted(count) })),
	fewestWords: 3,
	rule({ n = '' }) {
		const count = readNumeral(n.split(' ')[0] ?? '') ?? 0;
		return {
			fault(answer) {
				const sentences = sentencesOf(answer);
				const open = sentences.find(({ complete }) => !complete);
				if (open) return `“${open.text.slice(-24)}” is not the end of a sentence.`;

				return sentences.length === count
					? null
					: `The answer has ${counted(sentences.length)}, not ${counted(count)}.`;
			},
			mend(answer) {
				const whole = sentencesOf(withoutPreamble(answer)).filter(({ complete }) => complete);
				const sentences = whole.length < count ? whole.flatMap(split) : whole;
				return sentences.length < count
					? refuse('The answer has too few sentences, and new ones would be new content.')
					: joined(sentences.slice(0, count));
			},
			remedy: 'The first sentences can stay as they are.',
		};
	},
};

/** Two main clauses: the second begins with its own subject. */
const JOINT =
	/(?:;|, (?:and|but|so)) (?=(?:it|they|we|you|he|she|this|these|there) (?:is|are|was|were|has|have|can|will|also|makes?|helps?|provides?|offers?|needs?)\b)/;

/** The sentence as two, if it joins two main clauses. */
function split(sentence: Sentence): Sentence[] {
	const match = JOINT.exec(sentence.text);
	if (match === null) return [sentence];
	const first = sentence.text.slice(0, match.index);
	const second = sentence.text.slice(match.index + match[0].length);
	return [
		{ text: `${first}.`, complete: true },
		{ text: upperFirst(second), complete: sentence.complete },
	];
}
