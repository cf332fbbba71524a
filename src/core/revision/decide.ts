/** A revision's states: waiting → asking → revised | rejected | failed → accepted | edited | set aside. */
import type { WireError } from '../errors.ts';
import type { Output } from '../output/output.ts';
import { editTooLong } from '../text/editLimit.ts';
import { scoreAnswer } from '../world/registry.ts';
import { measureContrast } from './measures.ts';
import { parseReply } from './replyParser.ts';
import { type OfferedText, type ParsedReply, type Revision, revisionId } from './revision.ts';

/** The row of an output before the reviser's first request. */
export function waitingRevision(output: Output): Revision {
	return {
		id: revisionId(output.id),
		output,
		state: 'waiting',
		revised: null,
		reasoning: null,
		rule: null,
		reason: null,
		measures: null,
		rawReply: null,
		reviser: '',
		attempts: 0,
		error: null,
	};
}

/** A copy of the row without the facts of an earlier reply that only some rows have. */
export function withoutEarlier(row: Revision): Revision {
	const copy = withoutVerdict(row);
	delete copy.ending;
	delete copy.notes;
	return copy;
}

/** Keeps `ending` and `notes`, which stay true of a reply whose text a person overrules or edits. */
function withoutVerdict(row: Revision): Revision {
	const copy = { ...row };
	delete copy.detail;
	delete copy.trimmed;
	delete copy.overruled;
	return copy;
}

function withText(row: Revision, { revised, reasoning, rule, trimmed }: OfferedText): Revision {
	return {
		...withoutVerdict(row),
		state: 'revised',
		revised,
		reasoning,
		rule,
		reason: null,
		measures: measureContrast(row.output.text, revised),
		...(trimmed === undefined ? {} : { trimmed: [...trimmed] }),
	};
}

function parsedFor({ output }: Revision, rawReply: string): ParsedReply {
	const accepts = (text: string): boolean => scoreAnswer(output.prompt.text, text)?.strict === true;
	return parseReply(rawReply, output.text, accepts);
}

/** The row with a parsed reply: revised, or rejected with its reason. Keeps the raw reply either way. */
export function withReply(row: Revision, rawReply: string): Revision {
	const parsed = parsedFor(row, rawReply);
	const answered = { ...withoutEarlier(row), rawReply, error: null };
	if (parsed.ok) return withText(answered, parsed);
	return {
		...answered,
		state: 'rejected',
		revised: null,
		reasoning: null,
		rule: null,
		reason: parsed.reason,
		detail: parsed.detail,
		measures: null,
	};
}

/** The text in the reply of a rejected row that a person may use all the same; null if there is none. */
export function offeredText(row: Revision): OfferedText | null {
	if (row.state !== 'rejected' || row.rawReply === null) return null;
	const parsed = parsedFor(row, row.rawReply);
	return parsed.ok ? parsed : parsed.offered;
}

/** The row with the offered text, accepted by a person against the rejection; unchanged if there is none. */
export function withOverrule(row: Revision): Revision {
	const offered = offeredText(row);
	if (offered === null || row.reason === null) return row;
	return { ...withText(row, offered), state: 'accepted', overruled: row.reason };
}

/** The row with the error of its request. Keeps an earlier revision. */
export function withFailure(row: Revision, error: WireError): Revision {
	return { ...row, state: 'failed', error };
}

/** The text that a person edits: the revision, else what the reply offers, else the model's answer. */
export function textBeforeEdit(row: Revision): string {
	return row.revised ?? offeredText(row)?.revised ?? row.output.text;
}

/** The row with the user's own text. If the text is empty, unchanged or too long, returns the row unchanged. */
export function withEdit(row: Revision, text: string): Revision {
	const revised = text.trim();
	if (revised === '' || revised === row.output.text.trim()) return row;
	if (editTooLong(revised, textBeforeEdit(row)) !== null) return row;
	return {
		...withoutVerdict(row),
		state: 'edited',
		revised,
		rule: 'by-hand',
		reason: null,
		measures: measureContrast(row.output.text, revised),
		error: null,
	};
}

/** True if the row has a revision that a person can accept or set aside. */
export function canDecide(row: Revision): boolean {
	return row.revised !== null && row.state !== 'asking';
}

/** The row with a person's decision; unchanged if the row has no revision. */
export function withDecision(row: Revision, state: 'accepted' | 'set-aside'): Revision {
	return canDecide(row) ? { ...row, state } : row;
}
