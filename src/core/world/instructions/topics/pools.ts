/** The topics of the families: a subject with the requests that fit it. */
import { GROUPS, ACTIVITIES, TRIPS } from './lists.ts';
import { NAMED } from './names.ts';
import { ADVICE_REQUESTS, AIMS, EXPLAIN_REQUESTS, EXPLANATIONS } from './questions.ts';
import { MASS, PLURAL, SINGULAR, SUBJECT_REQUESTS } from './subjects.ts';

export interface Topic {
	/** Decides if the topic is held out. */
	subject: string;
	/**
	 * Ways to ask for it, in lower case and without an end mark: `describe the sea`. For lists and names the words after the
	 * number or verb: `facts about the sea`, `a bakery`.
	 */
	requests: readonly string[];
	/** Number of the subject, for pronouns: one, none to count, or several. */
	number: 'one' | 'mass' | 'many';
}

function pool(
	subjects: readonly string[],
	requests: readonly string[],
	number: Topic['number'] = 'mass',
): Topic[] {
	return subjects.map((subject) => ({
		subject,
		requests: requests.map((request) => request.replace('{}', subject)),
		number,
	}));
}

/** Things, for families whose rule names the thing. */
export const SUBJECTS: readonly Topic[] = [
	...pool(SINGULAR, SUBJECT_REQUESTS, 'one'),
	...pool(MASS, SUBJECT_REQUESTS),
	...pool(PLURAL, SUBJECT_REQUESTS, 'many'),
];

/** Requests for a short text. */
export const PROSE: readonly Topic[] = [
	...SUBJECTS,
	...pool(EXPLANATIONS, EXPLAIN_REQUESTS),
	...pool(AIMS, ADVICE_REQUESTS),
];

/** Things to list that take a few words each. */
export const LISTS: readonly Topic[] = [
	...pool(GROUPS, ['{}']),
	...pool([...SINGULAR, ...MASS, ...PLURAL], ['facts about {}']),
	...pool(AIMS, ['ways to {}']),
	...pool(ACTIVITIES, ['reasons to {}']),
	...pool(TRIPS, ['things to take on {}']),
];

/** True if a sentence can be an item of the list. */
export function hasSentences({ requests }: Topic): boolean {
	return /^(?:facts|ways|reasons) /.test(requests[0] ?? '');
}

/** Things to list that take one word or two each. */
export const SHORT_LISTS: readonly Topic[] = [
	...pool(GROUPS, ['{}']),
	...pool([...SINGULAR, ...MASS, ...PLURAL], ['words that describe {}']),
	...pool(TRIPS, ['things to take on {}']),
];

/** Things that need a name. */
export const NAMES: readonly Topic[] = pool(NAMED, ['{}']);
