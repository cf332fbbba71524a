/** Refusals of one word, in many languages. */
import { expect, test } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';

const ORIGINALS = [
	'The river flow from north to south.',
	'Река течь с севера на юг.',
	'这条河从北向南流动着的。',
];

test.each([
	...[
		'Refused.',
		'Declined',
		'**Denied**',
		'Abgelehnt.',
		'Refusé.',
		'Me niego.',
		'Odmawiam.',
		'Отказываюсь.',
		'Отказ',
	],
	...[
		'拒绝。',
		'拒絕',
		'不行',
		'拒否します。',
		'お断りします',
		'거부합니다.',
		'거절',
		'أرفض.',
		'رفض',
		'अस्वीकार',
		'ปฏิเสธ',
		'מסרב.',
	],
	...['Αρνούμαι.', 'Từ chối.', 'Menolak', 'Reddediyorum'],
])('%s', (word) => {
	for (const original of ORIGINALS) {
		const reply = parseReply(`{teacher_reasoning}: a\n\n{corrected_student_solution}: ${word}`, original);
		expect(reply).toMatchObject({ ok: false, reason: 'refusal' });
	}
});

test('a word for a word is an edit', () => {
	expect(parseReply('{corrected_student_solution}: Denied.', 'Granted.')).toMatchObject({ ok: true });
	const original = 'The court rejected the appeal.';
	expect(parseReply('{corrected_student_solution}: Rejected.', original)).not.toMatchObject({
		reason: 'refusal',
	});
});
