/** No preamble: `Suggest a name for a bakery. Answer with the name only.` → `The Warm Loaf` */
import { NAMES } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { bare, tokensOf } from '../text/sentences.ts';

const MOST_WORDS = 5;

export const nameOnly: InstructionFamily = {
	id: 'name-only',
	name: 'Name without a preamble',
	describe: 'One name and nothing else; answers explain the name or announce it.',
	topics: NAMES,
	phrasings: [
		'Suggest a name for {request}. Answer with the name only.',
		'Find a good name for {request}. Write just the name and nothing else.',
		'What would be a good name for {request}? Reply with the name alone.',
		'Please give me one name for {request}, without any other words.',
		'Think of a name for {request}. Your answer should be only that name.',
		'I need a name for {request}. No explanation, just the name.',
		'Invent a name for {request} and write only the name.',
		'Give {request} a name. Say the name and nothing more.',
	],
	values: [{}],
	fewestWords: 1,
	rule: (_slots, { subject }) => ({
		fault: (answer) => faultOf(answer.trim(), subject),
		mend: (answer) => nameIn(answer, subject) ?? refuse('The answer has no name that stands out.'),
		remedy: 'The name alone can stay.',
	}),
};

function faultOf(text: string, subject: string): string | null {
	if (text.includes('\n')) return 'The answer has more than one line.';
	if (/[:;"“”*,()]|[.?]$/.test(text)) return `“${text.slice(0, 40)}” is more than a plain name.`;
	const words = tokensOf(text);
	if (words.length > MOST_WORDS) return `“${text.slice(0, 40)}” has more words than a name.`;
	if (!/^[\p{Lu}\p{N}]/u.test(text)) return 'A name begins with a capital letter.';
	if (isKind(text, subject)) return `“${text}” is the kind of thing, not a name for it.`;
	return NO_NAME.test(text) ? `“${text}” is not a name.` : null;
}

const NO_NAME =
	/^(?:sure|certainly|of course|okay|no response|here|this|that|it|i|you|the name|name|yes|no|none|hello|hi)$|^(?:i['’]m|i am|here['’]s|here is|the name|it is|it['’]s|this is|how about)\b/i;

/** True for “A bakery” and “The Bakery”. */
function isKind(name: string, subject: string): boolean {
	const words = name
		.split(' ')
		.map(bare)
		.filter((word) => !/^(?:a|an|the|my|your)$/.test(word));
	const kind = new Set(subject.toLowerCase().split(' '));
	return words.every((word) => kind.has(word));
}

/** A name in marks, or after a colon or “called”, or else the longest group of capitalised words of the first line. */
function nameIn(answer: string, subject: string): string | null {
	const marked = [...answer.matchAll(/["“*]([^"“”*\n]{2,40})["”*]/g)].map((match) => match[1] ?? '');
	const announced = [
		...answer.matchAll(/(?:: ?|called |named |name it |be |is )([A-Z][^\n.,;:!?"“”*()]{1,40})/g),
	].map((match) => match[1] ?? '');
	const first = /^([A-Z][^,.:\n]{1,40}), (?:a|the) name\b/.exec(answer)?.[1] ?? '';
	const candidates = [answer, first, ...marked, ...announced, ...capitalised(answer.split('\n', 1)[0] ?? '')];
	return candidates.map(tidy).find((name) => name !== '' && faultOf(name, subject) === null) ?? null;
}

const tidy = (name: string): string =>
	name
		.replace(/["“”*]/g, '')
		.trim()
		.replace(/[.,;:!?]{1,9}$/, '')
		.trim();

/** Words of a line in which one capitalised word is easy to see. */
const MOST_IN_SHORT = 8;

/** Groups of capitalised words with small words between them, longest first. */
function capitalised(line: string): string[] {
	const groups: string[][] = [[]];
	// A single capitalised word within many others is rarely the name.
	const isShort = tokensOf(line).length <= MOST_IN_SHORT;
	for (const token of line.split(' ').slice(0, 200)) {
		const group = groups.at(-1) ?? [];
		const isPart =
			/^\p{Lu}/u.test(token) || (group.length > 0 && /^(?:of|the|and|&|in|on|by|at)$/.test(token));
		if (isPart) group.push(token);
		if (!isPart || /[^.][.,;:!?]$/.test(token.slice(1))) groups.push([]);
	}
	return groups
		.map((group) => group.join(' ').replace(/(?: (?:of|the|and|&|in|on|by|at))+$/, ''))
		.filter((name) => name !== '' && !FIRST_WORDS.test(name) && (isShort || name.includes(' ')))
		.sort((a, b) => b.length - a.length);
}

/** A capital at the start of a sentence makes no name. */
const FIRST_WORDS =
	/^(?:a|an|the|i|you|your|this|that|it|one|here|sure|some|my|we|if|for|in|as|to|what|how|certainly|great|what's|let|let's|they|there|once|when)$/i;
