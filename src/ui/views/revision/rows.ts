/** Revisions as rows of the list: mark, word and figure of each state. */
import { castWords } from '#core/cast/registry.ts';
import type { RejectionReason, ReplyRule, Revision, RevisionState, Trim } from '#core/revision/revision.ts';
import { fixed } from '../../format.ts';
import type { IconName } from '../../primitives/icons.ts';
import type { ListRow } from '../../primitives/rows.ts';

const MARKS: Readonly<Record<RevisionState, readonly [IconName, string]>> = {
	waiting: ['ring', 'not asked'],
	asking: ['ring', 'being asked'],
	revised: ['ring', 'not checked'],
	accepted: ['dot', 'accepted'],
	edited: ['pencil', 'edited'],
	'set-aside': ['slash', 'set aside'],
	rejected: ['minus', 'reply not used'],
	failed: ['alert', 'failed'],
};

const REASONS = {
	empty: 'empty',
	identical: 'identical',
	spacing: 'only spaces',
	unchanged: 'unchanged',
	refusal: 'refused',
	'mentions-revision': 'not an answer',
	'no-marker': 'no marker',
	several: 'several',
	'too-long': 'too long',
	'too-far': 'too far',
	'cut-off': 'cut off',
	filtered: 'filtered',
	characters: 'bad characters',
} as const;

/** Reason of a failed request, short enough for a row; the open row shows the whole sentence. */
const FAILURES: Readonly<Record<string, string>> = {
	'endpoint-unreachable': 'no answer',
	'endpoint-timeout': 'too slow',
	'endpoint-cut-off': 'interrupted',
	'endpoint-html': 'a web page',
	'endpoint-not-json': 'not JSON',
	'endpoint-reply-invalid': 'no reply in it',
	'endpoint-cors': 'not allowed',
	'endpoint-mixed-content': 'not allowed',
	'endpoint-address': 'no address',
	'endpoint-key-character': 'key unusable',
	'endpoint-redirect': 'redirected',
	'endpoint-too-long': 'too long',
	'endpoint-only-reasoning': 'only reasoning',
	'endpoint-server-error': 'an error',
	'reply-ended': 'ended early',
};

function failureWord(error: Revision['error']): string {
	const status = error?.context['status'];
	return typeof status === 'number' ? String(status) : (FAILURES[error?.code ?? ''] ?? 'failed');
}

function value(row: Revision): string {
	if (row.state === 'failed') return failureWord(row.error);
	if (row.state === 'waiting') return 'not asked';
	if (row.state === 'asking') return 'asking';
	if (row.state === 'set-aside') return 'set aside';
	if (row.reason !== null) return REASONS[row.reason];
	return fixed(row.measures?.jaccard);
}

export function revisionRow(row: Revision, number: number): ListRow {
	const [icon, state] = MARKS[row.state];
	return {
		id: row.id,
		number,
		icon,
		state,
		text: row.output.prompt.text,
		value: value(row),
		quiet: row.state === 'waiting' || row.state === 'set-aside' || row.state === 'rejected',
		alert: row.state === 'failed',
		busy: row.state === 'asking',
	};
}

/** Why a reply is not used, if the row has no sentence with the evidence. */
export const REJECTIONS = {
	empty: 'The reply has no text for the corrected answer.',
	identical: 'The reply is the same as the answer: there was nothing to correct, so there is no pair.',
	spacing: 'The reply differs from the answer only in spaces or signs, so there is no pair.',
	unchanged: 'The reviser says that the answer needs no change, so there is no pair.',
	refusal: 'The reviser refused to answer.',
	'mentions-revision': 'The reply talks about itself as a revision, so it is not an answer.',
	'no-marker': 'The reply has no marker for the start of the corrected answer.',
	several: 'The reply gives several versions of the answer.',
	'too-long': 'The reply is far longer than the answer, so it is not an edit.',
	'too-far': 'The reply changes too much to be an edit of the answer.',
	'cut-off': 'The reply was cut off at the limit of tokens. Raise “longest reply” in the reviser’s settings.',
	filtered: 'The endpoint’s filter ended the reply.',
	characters: 'The reply has a broken character, so its text cannot be used. Ask again.',
} as const satisfies Readonly<Record<RejectionReason, string>>;

/** How the corrected answer was found in the reply. */
const RULES = {
	'brace-marker-colon': 'after the requested marker',
	'brace-marker': 'after the requested marker, its colon missing',
	'bold-heading': 'below a bold heading in place of the marker',
	'plain-heading': 'below a heading in place of the marker',
	tag: 'in tags in place of the marker',
	json: 'as a value of JSON',
	'inline-marker': 'after the requested marker in the middle of a line',
	'near-marker': 'after a marker in other words',
	'other-marker': 'after another marker, because it is like the answer',
	'by-hand': 'by hand',
} as const satisfies Readonly<Record<ReplyRule, string>>;

const TRIMS = {
	token: 'end markers',
	remark: 'remarks after it',
	preamble: 'words before it',
	fence: 'a code fence',
	'block-quote': 'quotation bars',
	tag: 'tags',
	emphasis: 'emphasis',
	quotes: 'quotation marks',
	brackets: 'brackets',
	copy: 'a copy',
	escape: 'HTML escapes',
} as const satisfies Readonly<Record<Trim, string>>;

/** Source of a revision, in a few sentences. */
export function provenance(row: Revision, temperature: number): string {
	if (row.rule === 'by-hand') return 'Written by hand.';
	const asked = row.attempts === 1 ? 'once' : `${row.attempts} times`;
	const rule = row.rule === null ? '' : ` The corrected answer was found ${RULES[row.rule]}.`;
	const cut =
		row.output.finishReason === 'length' ? ' The model’s answer ends at its own limit of tokens.' : '';
	const notes = (row.notes ?? []).map((note) => ` ${note}`).join('');
	const trims = (row.trimmed ?? []).map((trim) => TRIMS[trim]);
	const removed = trims.length === 0 ? '' : ` Removed around it: ${trims.join(', ')}.`;
	return `Revised by ${castWords(row.reviser)}; asked ${asked}, temperature ${temperature}.${rule}${removed}${cut}${notes}`;
}
