/**
 * Reads a reviser's reply in any form. Models write the markers with or without colon, bold, as headings, in
 * any case. The last marker that is followed by text counts, because the reasoning may mention the marker
 * earlier. An unusable reply is a value with its reason, never an exception. The parser treats replies as
 * data and interprets nothing in them.
 */
import { at } from '../math/at.ts';
import type { ParsedReply, RejectionReason, ReplyRule } from './revision.ts';

/** `_`, space, hyphen or Markdown's escaped `\_` between the words of a marker. */
const GAP = String.raw`(?:\\?_|[ \t-])+`;
const SOLUTION = ['corrected', 'student', 'solution'].join(GAP);
const REASONING = ['teacher', 'reasoning'].join(GAP);
/** Bold, italics or code around a marker: the opening sign may close after it, before or after the colon. */
const OPEN = String.raw`(?:#{1,6}[ \t]+)?(?:(?<wrap>[*_]{1,3}|${'`'})[ \t]*)?`;
const CLOSE = String.raw`\k<wrap>?[ \t]*:?\k<wrap>?`;
/** Line start of a heading: only quote, list and heading marks may precede it. */
const LINE_START = String.raw`^[ \t]*(?:>[ \t]*|[-*][ \t]+|#{1,6}[ \t]+)?`;

interface Form {
	rule: Exclude<ReplyRule, 'by-hand' | 'brace-marker-colon'>;
	/** Source of the expression for a marker's name, flags gim. */
	source: (name: string) => string;
}

const FORMS: readonly Form[] = [
	{
		rule: 'brace-marker',
		source: (name) => String.raw`${OPEN}\\?\{[ \t]*${name}[ \t]*\\?\}${CLOSE}`,
	},
	{
		rule: 'bold-heading',
		source: (name) => String.raw`${LINE_START}(\*\*|__)[ \t]*${name}[ \t]*:?[ \t]*\1[ \t]*:?`,
	},
	{ rule: 'plain-heading', source: (name) => String.raw`${LINE_START}${name}[ \t]*(?::|$)` },
];

interface Marker {
	rule: Exclude<ReplyRule, 'by-hand'>;
	names: 'solution' | 'reasoning';
	start: number;
	end: number;
}

function ruleOf(form: Form, text: string): Marker['rule'] {
	return form.rule === 'brace-marker' && text.includes(':') ? 'brace-marker-colon' : form.rule;
}

function findMarkers(reply: string): Marker[] {
	const found: Marker[] = [];
	const taken = new Uint8Array(reply.length);
	for (const form of FORMS) {
		for (const [names, name] of [
			['solution', SOLUTION],
			['reasoning', REASONING],
		] as const) {
			for (const match of reply.matchAll(new RegExp(form.source(name), 'gim'))) {
				const end = match.index + match[0].length;
				// A braced marker inside a heading is one marker: the braces win.
				if (taken.subarray(match.index, end).includes(1)) continue;
				taken.fill(1, match.index, end);
				found.push({ rule: ruleOf(form, match[0]), names, start: match.index, end });
			}
		}
	}
	return found.sort((a, b) => a.start - b.start);
}

/** Models that think in tags close the marker: `{/corrected_student_solution}`. */
const CLOSING = new RegExp(String.raw`\\?\{\s*/\s*(?:${SOLUTION}|${REASONING})\s*\\?\}`, 'gi');

const clean = (text: string): string => text.replaceAll(CLOSING, '').trim();

interface Section {
	text: string;
	reasoning: string;
	rule: Marker['rule'];
}

function lastSolution(reply: string, markers: readonly Marker[]): Section | null {
	for (let i = markers.length - 1; i >= 0; i--) {
		const marker = at(markers, i);
		if (marker.names !== 'solution') continue;
		const text = clean(reply.slice(marker.end, markers[i + 1]?.start));
		if (text === '') continue;
		const reasoningStart = markers.findLast(
			({ names, start }) => names === 'reasoning' && start < marker.start,
		);
		const reasoning = clean(reply.slice(reasoningStart?.end ?? 0, marker.start));
		return { text, reasoning, rule: marker.rule };
	}
	return null;
}

const REFUSALS: readonly RegExp[] = [
	/\b(?:sorry|apologi[sz]e|afraid)\b[^.!?\n]{0,60}\b(?:can(?:no|['’])t|can not|unable|not able|won['’]t)\b/i,
	/^(?:i|we)(?:['’]m| am| are)? (?:can(?:no|['’])t|can not|unable to|not able to|won['’]t|will not|must decline)\b/i,
	/\bas an ai\b(?: language model| assistant)?/i,
	/\bagainst (?:my|our|the) (?:guidelines|policy|policies)\b/i,
];

/** Signs that the text speaks about the revision; the final text must read as the answer itself. */
const MENTIONS: readonly RegExp[] = [
	/\b(?:corrected|revised|improved|edited|minimally) (?:student(?:['’]s)? )?(?:solution|answer|version|response|reply)\b/i,
	/\b(?:the|this|your|original) student(?:['’]s)? (?:solution|answer|response|text)\b/i,
	/\bstudent_solution\b|\bteacher_reasoning\b/i,
	/\b(?:i|we)(?:['’]ve| have)? (?:corrected|revised|rewritten|improved|fixed) (?:the|your|this|it)\b/i,
	/\bthis (?:revision|correction)\b|\b(?:revision|correction) of the (?:original|answer|solution)\b/i,
];

/** Characters that are searched for a refusal; further into a text, the words are part of an answer. */
const REFUSAL_REACH = 240;

/** The first words that match, unless the original matches the same pattern. */
function firstMatch(patterns: readonly RegExp[], text: string, original: string): string | null {
	for (const pattern of patterns) {
		const match = pattern.exec(text);
		if (match !== null && !pattern.test(original)) return match[0];
	}
	return null;
}

function rejected(reason: RejectionReason, detail: string): ParsedReply {
	return { ok: false, reason, detail };
}

function withoutMarker(reply: string): ParsedReply {
	const words = firstMatch(REFUSALS, reply.trim().slice(0, REFUSAL_REACH), '');
	if (words !== null) return rejected('refusal', `The reviser declined: “${words}”.`);
	return rejected('no-marker', 'The reply has no {corrected_student_solution} marker or heading.');
}

/**
 * Reads one reply.
 *
 * @param reply    the raw reply
 * @param original the output under revision
 * @returns the revised text with the reasoning and the rule that matched, or the reason why the reply is
 *   unusable
 */
export function parseReply(reply: string, original: string): ParsedReply {
	if (reply.trim() === '') return rejected('empty', 'The reply is empty.');
	const markers = findMarkers(reply);
	const section = lastSolution(reply, markers);
	if (section === null) {
		const hasMarker = markers.some(({ names }) => names === 'solution');
		return hasMarker
			? rejected('empty', 'Nothing follows the marker of the solution.')
			: withoutMarker(reply);
	}
	const { text, reasoning, rule } = section;
	const refusal = firstMatch(REFUSALS, text.slice(0, REFUSAL_REACH), original);
	if (refusal !== null) return rejected('refusal', `The reviser declined: “${refusal}”.`);
	const mention = firstMatch(MENTIONS, text, original);
	if (mention !== null) return rejected('mentions-revision', `The text mentions its revision: “${mention}”.`);
	if (text === original.trim()) return rejected('identical', 'The reviser found nothing to change.');
	return { ok: true, revised: text, reasoning, rule };
}
