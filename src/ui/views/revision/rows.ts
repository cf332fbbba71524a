/** Revisions as rows of the list: mark, word and figure of each state. */
import type { Revision, RevisionState } from '#core/revision/revision.ts';
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
	rejected: ['slash', 'reply not used'],
	failed: ['alert', 'failed'],
};

const REASONS = {
	empty: 'empty',
	identical: 'identical',
	refusal: 'refused',
	'mentions-revision': 'not an answer',
	'no-marker': 'no marker',
	'too-far': 'too far',
	'cut-off': 'cut off',
	filtered: 'filtered',
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

/** How the corrected answer was found in the reply. */
const RULES = {
	'brace-marker-colon': 'after the requested marker',
	'brace-marker': 'after the requested marker, its colon missing',
	'bold-heading': 'below a bold heading in place of the marker',
	'plain-heading': 'below a heading in place of the marker',
	'by-hand': 'by hand',
} as const;

/** Source of a revision, in one line. */
export function provenance(row: Revision, temperature: number): string {
	if (row.rule === 'by-hand') return 'Written by hand.';
	const asked = row.attempts === 1 ? 'once' : `${row.attempts} times`;
	const rule = row.rule === null ? '' : ` The corrected answer was found ${RULES[row.rule]}.`;
	const cut =
		row.output.finishReason === 'length' ? ' The model’s answer ends at its own limit of tokens.' : '';
	const notes = (row.notes ?? []).map((note) => ` ${note}`).join('');
	return `${row.reviser}, asked ${asked}, temperature ${temperature}.${rule}${cut}${notes}`;
}
