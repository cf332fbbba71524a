/**
 * Reads a reviser's reply in any form. Models write the markers in many ways, think in tags, wrap the answer in
 * fences or quotes, and talk before and after it. The parser removes all that the original answer lacks, and then
 * judges the rest by its likeness to the original. An unusable reply is a value with its reason and with the text
 * that it offers, never an exception. The parser treats replies as data and interprets nothing in them, and takes
 * linear time.
 */
import { textFault } from '../prompt/messages.ts';
import { unhighlighted, withoutLead } from './reply/alignment.ts';
import { singleVersion } from './reply/copies.ts';
import { edited, outsideCdata, outsideJson, unescaped } from './reply/escapes.ts';
import { judge, refusal, type Rejection } from './reply/judge.ts';
import { hasWords, keptShare, type Original, readOriginal } from './reply/likeness.ts';
import { withoutClosing } from './reply/closing.ts';
import { withoutEndMarker, withoutTokens } from './reply/endMarkers.ts';
import { withoutOpening } from './reply/opening.ts';
import { type Section, sectionsOf } from './reply/sections.ts';
import { withoutTail } from './reply/tails.ts';
import { withoutThinking } from './reply/thinking.ts';
import {
	balanced,
	outsideLatex,
	unbracketed,
	unemphasised,
	unfenced,
	unindented,
	unquoted,
	unquotedBlock,
	untagged,
	type Unwrap,
} from './reply/wrapping.ts';
import type { OfferedText, ParsedReply, RejectionReason, Trim } from './revision.ts';

/** In the order in which they apply; a change may uncover another wrapping. */
const UNWRAPS: readonly (readonly [Trim, Unwrap])[] = [
	['token', withoutTokens],
	['tag', untagged],
	['tag', outsideCdata],
	['brackets', outsideJson],
	['escape', unescaped],
	['emphasis', edited],
	['tag', outsideLatex],
	['token', withoutEndMarker],
	['remark', withoutClosing],
	['remark', withoutTail],
	['fence', unfenced],
	['preamble', withoutOpening],
	['preamble', withoutLead],
	['fence', unindented],
	['block-quote', unquotedBlock],
	['emphasis', unemphasised],
	['emphasis', unhighlighted],
	['quotes', unquoted],
	['brackets', unbracketed],
	['brackets', balanced],
];
/** Wrappings inside one another. */
const DEEPEST = 12;
/** Least share of the original's words in a reply without a marker that is offered as its text. */
const OFFERED = 0.5;

const SEVERAL = 'The reply gives several versions and chooses none.';
const EXPECTED = '{corrected_student_solution}';

/** True if a text answers the prompt as a rule demands. */
export type Accepts = (text: string) => boolean;

/**
 * The text of the section without its wrapping, and the parts that were removed.
 *
 * @param accepts keeps the outermost text that it accepts
 */
function unwrapped(section: Section, original: Original, accepts: Accepts = () => false): OfferedText {
	let text = section.text.trim();
	const trims = new Set<Trim>();
	for (let round = 0; round < DEEPEST; round++) {
		const before = text;
		for (const [trim, unwrap] of UNWRAPS) {
			if (accepts(text)) break;
			const next = unwrap(text, original).trim();
			if (next !== text) trims.add(trim);
			text = next;
		}
		if (text === before) break;
	}
	return {
		revised: text,
		reasoning: section.reasoning,
		rule: section.rule,
		...(trims.size > 0 ? { trimmed: [...trims] } : {}),
	};
}

function rejected(reason: RejectionReason, detail: string, offered: OfferedText | null = null): ParsedReply {
	return { ok: false, reason, detail, offered };
}

function withoutMarker(reply: string, names: readonly string[], original: Original): ParsedReply {
	const text = unwrapped({ text: reply, reasoning: '', rule: 'other-marker' }, original);
	const declined = refusal(reply.trim(), original);
	if (declined !== null) return rejected(declined.reason, declined.detail);
	const found = [...new Set(names)].slice(0, 4).join(', ');
	const detail =
		found === ''
			? `The reply has no ${EXPECTED} marker or heading at the start of a line.`
			: `The reply has ${found} in place of ${EXPECTED}.`;
	const offers = hasWords(text.revised) && keptShare(original, text.revised) >= OFFERED;
	return rejected('no-marker', detail, offers ? text : null);
}

function readReply(reply: string, original: string, accepts: Accepts): ParsedReply {
	if (reply.trim() === '') return rejected('empty', 'The reply is empty.');
	const answer = readOriginal(original);
	const spoken = withoutThinking(reply, original).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
	if (spoken.trim() === '')
		return rejected('no-marker', 'The reply is all thinking and has no answer behind it.');
	const { chosen, several, marked, names } = sectionsOf(spoken, answer);
	if (chosen === null) {
		return marked
			? rejected('empty', 'Nothing follows the marker of the solution.')
			: withoutMarker(spoken, names, answer);
	}
	return withSection(chosen, several, answer, accepts);
}

function withSection(chosen: Section, several: boolean, answer: Original, accepts: Accepts): ParsedReply {
	if (chosen.cut === true)
		return rejected('cut-off', 'The JSON of the reply ends inside the text of the solution.');
	const plain = unwrapped(chosen, answer);
	// The prompt may demand the very signs and words that wrap an answer in other replies.
	const offered = accepts(plain.revised) ? plain : unwrapped(chosen, answer, accepts);
	if (offered.revised === '') return rejected('empty', 'Nothing follows the marker of the solution.');
	if (several) return rejected('several', SEVERAL, offered);
	const single = accepts(offered.revised) ? offered.revised : singleVersion(offered.revised, answer);
	if (single === null) return rejected('several', SEVERAL, offered);
	if (single !== offered.revised) {
		offered.trimmed = [...new Set<Trim>([...(offered.trimmed ?? []), 'copy'])];
		offered.revised = single;
	}
	const rejection = judge(single, answer, offered.reasoning);
	if (rejection === null || isRightForm(rejection, single, answer, accepts)) return { ok: true, ...offered };
	return rejected(rejection.reason, rejection.detail, rejection.reason === 'identical' ? null : offered);
}

/** True if the prompt demands the very signs that the text has and the answer has not. */
function isRightForm(rejection: Rejection, text: string, answer: Original, accepts: Accepts): boolean {
	return rejection.reason === 'spacing' && accepts(text) && !accepts(answer.text);
}

/**
 * Reads one reply.
 *
 * @param reply    the raw reply
 * @param original the output under revision
 * @param accepts  the strict check of the prompt, if a rule can check its answers: an accepted text keeps the marks and words
 *   around it that its prompt demands
 * @returns the revised text with the reasoning, the rule that found it and the parts that were removed, or the
 *   reason why the reply is unusable
 */
export function parseReply(reply: string, original: string, accepts: Accepts = () => false): ParsedReply {
	const parsed = readReply(reply, original, accepts);
	const fault = textFault((parsed.ok ? parsed : parsed.offered)?.revised ?? '');
	// Not offered to a person either: no pair may hold such a text.
	return fault === null
		? parsed
		: rejected('characters', `The text ${fault.split(';', 1).join('')}. Ask again.`);
}
