/** Splits texts into sentences and words. Linear in the length of the text. */

export interface Sentence {
	text: string;
	/** True if it ends with a mark. */
	complete: boolean;
}

/** The lookbehind keeps the search of a long run of marks linear. */
const END = /(?<![.!?…])[.!?…]+[”"’')\]*_]*(?=\s|$)/gu;
/** A word before a full stop that does not end a sentence, or the number of a list item. */
const NO_END = /(?:^|[\s(“"])(?:mr|mrs|ms|dr|st|vs|e\.g|i\.e|approx|no|fig|[a-z])\.$|^\d{1,3}\.$/iu;
/** Longest part of a sentence that {@link NO_END} reads. */
const TAIL = 12;

/** A line break ends a sentence, too: lists and titles have no marks. */
export function sentencesOf(text: string): Sentence[] {
	return text.split('\n').flatMap((line) => sentencesOfLine(line.trim()));
}

function sentencesOfLine(line: string): Sentence[] {
	const sentences: Sentence[] = [];
	let start = 0;
	for (const match of line.matchAll(END)) {
		const end = match.index + match[0].length;
		const tail = line.slice(Math.max(start, end - TAIL), end);
		if (NO_END.test(tail) && end < line.length) continue;
		sentences.push({ text: line.slice(start, end).trim(), complete: true });
		start = end;
	}
	const rest = line.slice(start).trim();
	return rest === '' ? sentences : [...sentences, { text: rest, complete: false }];
}

export function joined(sentences: readonly Sentence[]): string {
	return sentences.map(({ text }) => text).join(' ');
}

/** The text without a last sentence that breaks off, if there are whole sentences before it. */
export function wholeText(text: string): string {
	const sentences = sentencesOf(text);
	const open = sentences.length - 1 - sentences.findLastIndex(({ complete }) => complete);
	if (open === 0 || open === sentences.length) return text;
	let end = text.length;
	for (const sentence of sentences.slice(-open).reverse()) end = text.lastIndexOf(sentence.text, end - 1);
	return text.slice(0, end).trimEnd();
}

/** Tokens between spaces that have a letter or a digit. */
export function tokensOf(text: string): string[] {
	return text.split(/\s+/).filter((token) => /[\p{L}\p{N}]/u.test(token));
}

/** A token in lower case without the signs around it. */
export function bare(token: string): string {
	return /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su.exec(token)?.[0].toLowerCase() ?? '';
}

export const upperFirst = (text: string): string =>
	text.replace(
		/^([^\p{L}\p{N}]*)(\p{Ll})/u,
		(_all, signs: string, letter: string) => signs + letter.toUpperCase(),
	);

/** Words that have a capital only because they begin a sentence. */
const PLAIN =
	/^(?:a|an|the|this|that|these|those|it|they|there|he|she|we|you|one|some|many|most|all|each|every|both|here|when|while|if|as|in|on|at|for|from|with|by|to|of|and|but|or|so|because|after|before|during|since|although|its|their|his|her|our|your|my|what|how|why|where|people|use|try|make|take|keep|start|avoid|imagine|alright|okay|sure|great|always|never|sometimes|often|first|not|no|yes)$/i;

/** Forms of common words that names rarely have: “Reading is”, “Stories of”, “Usually”. */
const NO_NAME = /^\p{L}{2,30}(?:ing|ly|[^s']s(?= (?:of|are|were|have|can|in|that|also|often)))(?= )/u;

/**
 * The text to follow other words in a sentence. A word keeps its capital unless it is known to have none within sentences:
 * by a list, or because `known` has it in lower case.
 */
export function lowerFirst(text: string, known = ''): string {
	const first = /^\p{Lu}\p{Ll}*(?=[\s,;:'’-]|$)/u.exec(text)?.[0];
	if (first === undefined || first === 'I') return text;
	const lower = first.toLowerCase();
	if (NO_NAME.test(text)) return lower + text.slice(first.length);
	const isKnown = PLAIN.test(first) || ` ${known} ${text.slice(first.length)} `.includes(` ${lower} `);
	return isKnown ? lower + text.slice(first.length) : text;
}

/** The text with an end mark. */
export function ended(text: string): string {
	const trimmed = text.trim();
	return /[.!?…][”"’')\]*_]*$/u.test(trimmed.slice(-TAIL))
		? trimmed
		: `${trimmed.replace(/[\s,;:–—-]{1,20}$/, '')}.`;
}
