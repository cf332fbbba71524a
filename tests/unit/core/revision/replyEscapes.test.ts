/** Escapes of other formats, marked edits, and texts that cannot be an edit. */
import { describe, expect, test } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';

const ORIGINAL = 'A spider have six legs.';
const REVISED = 'A spider has eight legs.';
const marker = '{corrected_student_solution}';

describe('escapes and marked edits are resolved', () => {
	test.each([
		`${marker}: <![CDATA[${REVISED}]]>`,
		`{corrected_student_solution:} ${REVISED}`,
		`**{corrected_student_solution:}** ${REVISED}`,
		`{"corrected_student_solution": ["${REVISED}"]}`,
		`${marker}: ["${REVISED}"]`,
		`${marker}: {"text": "${REVISED}"}`,
		`${marker}: A spider {~~have~>has~~} {~~six~>eight~~} legs.`,
		`${marker}: A spider {--have--} {++has++} {==eight==} legs.{>>agreement<<}`,
		`${marker}: A spider [-have six-] {+has eight+} legs.`,
		`${marker}: A spider [have six -> has eight] legs.`,
		`${marker}: A spider (have → has) [six → eight] legs.`,
	])('%s', (reply) => {
		expect(parseReply(reply, ORIGINAL)).toMatchObject({ ok: true, revised: REVISED });
	});

	test.each([
		['Salt &amp; pepper are spices.', 'Salt & pepper is spices.', 'Salt & pepper are spices.'],
		['It&#39;s &quot;cold&quot; &#x2013; very.', 'Its "cold" – very.', 'It\'s "cold" – very.'],
		['In HTML, &amp; means and.', 'In HTML &amp; mean and.', 'In HTML, &amp; means and.'],
	])('%s', (text, original, revised) => {
		expect(parseReply(`${marker}: ${text}`, original)).toMatchObject({ ok: true, revised });
	});
});

test.each([
	`{"teacher_reasoning": "Verb.", "corrected_student_solution": "A spider has eight le`,
	`{\n"teacher_reasoning": "Verb.",\n"corrected_student_solution": "A spider has eight le`,
])('JSON that ends inside the value is cut off: %s', (reply) => {
	expect(parseReply(reply, ORIGINAL)).toMatchObject({ ok: false, reason: 'cut-off', offered: null });
});

test.each([
	[`${REVISED} `.repeat(8), 'several'],
	['QSBzcGlkZXIgaGFzIGVpZ2h0IGxlZ3MuQSBzcGlkZXI=', 'too-far'],
	['Отказано.', 'too-far'],
	['ขออภัย ฉันทำไม่ได้', 'too-far'],
	['Λυπάμαι.', 'too-far'],
	['No.', 'too-far'],
	['N/A', 'too-far'],
	['TODO', 'too-far'],
	['undefined', 'too-far'],
	['null', 'too-far'],
	['[object Object]', 'too-far'],
])('%s is no edit', (text, reason) => {
	const parsed = parseReply(`${marker}: ${text}`, ORIGINAL);
	expect(parsed.ok).toBe(false);
	expect(['too-far', 'refusal', 'unchanged', 'empty', reason]).toContain(parsed.ok ? '' : parsed.reason);
});
