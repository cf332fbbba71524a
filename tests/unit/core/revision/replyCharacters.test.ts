/** Characters that no pair may have, as the import of pairs decides. */
import { expect, test } from 'vitest';
import { waitingRevision, withOverrule, withReply } from '#core/revision/decide.ts';
import { parseReply } from '#core/revision/replyParser.ts';
import { REJECTIONS } from '#ui/views/revision/rows.ts';

const ORIGINAL = 'The moon pull the sea.';
const REPLIES = [
	'{corrected_student_solution}: The moon\u0000 pulls the sea.',
	'{corrected_student_solution}: The moon pulls\uD83D the sea.',
	'{corrected_student_solution}: The moon pulls the sea.\uDE42',
	'{corrected_student_solution}: The moon pulls the sea.\u0000',
	String.raw`{"corrected_student_solution": "The moon pulls\u0000 the sea."}`,
	String.raw`{"corrected_student_solution": "The moon pulls\ud83d the sea."}`,
	'{corrected_answer}: The moon pulls\uD83D the sea.',
	'{my_text}: The moon pulls\u0000 the sea.',
	'The moon pulls\u0000 the sea.',
];

test.each(REPLIES)('%j is rejected, and no one can use its text', (reply) => {
	const parsed = parseReply(reply, ORIGINAL);
	expect(parsed).toMatchObject({ ok: false, offered: null });
	if (!parsed.ok) expect(REJECTIONS[parsed.reason]).not.toBe('');
	const output = {
		id: 'p.o1',
		prompt: { id: 'p', text: 'Tides?', family: null },
		text: ORIGINAL,
		finishReason: 'stop' as const,
		model: 'm',
		sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
		tokens: 2,
	};
	expect(withOverrule(withReply(waitingRevision(output), reply)).revised).toBeNull();
});

test('the message names the character and its place', () => {
	expect(parseReply(REPLIES[0] ?? '', ORIGINAL)).toMatchObject({
		reason: 'characters',
		detail: 'The text has the character NUL (U+0000) at position 9. Ask again.',
	});
});

test.each(['The moon 🌕 pulls the sea.', 'The 𝒎oon pulls the sea.'])('%s has whole characters', (text) => {
	expect(parseReply(`{corrected_student_solution}: ${text}`, ORIGINAL)).toMatchObject({
		ok: true,
		revised: text,
	});
});
