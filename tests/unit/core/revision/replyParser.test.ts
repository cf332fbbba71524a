/** Replies in the shapes that models write; the texts are made up. */
import { describe, expect, test } from 'vitest';
import { readRevisionRequest, revisionReply, revisionRequest } from '#core/revision/request.ts';
import { parseReply } from '#core/revision/replyParser.ts';
import type { RejectionReason, ReplyRule } from '#core/revision/revision.ts';

const ORIGINAL = 'The past tense of go is goed.';
const REVISED = 'The past tense of go is went.';
const WHY = 'The verb is irregular.';

describe('a marker in any of its forms', () => {
	const M = 'corrected_student_solution';
	test.each<[name: string, marker: string, rule: ReplyRule]>([
		['braces and colon', `{${M}}: `, 'brace-marker-colon'],
		['braces, colon, new line', `{${M}}:\n`, 'brace-marker-colon'],
		['braces, space and colon', `{${M}} : `, 'brace-marker-colon'],
		['braces', `{${M}}\n`, 'brace-marker'],
		['braces on the same line', `{${M}} `, 'brace-marker'],
		['braces with spaces inside', `{ ${M} }: `, 'brace-marker-colon'],
		['capitals', '{CORRECTED_STUDENT_SOLUTION}: ', 'brace-marker-colon'],
		['words apart', '{Corrected Student Solution}\n', 'brace-marker'],
		['escaped for Markdown', String.raw`\{corrected\_student\_solution\}: `, 'brace-marker-colon'],
		['bold braces', `**{${M}}**\n`, 'brace-marker'],
		['bold braces, colon outside', `**{${M}}**: `, 'brace-marker-colon'],
		['bold braces, colon inside', `**{${M}}:** `, 'brace-marker-colon'],
		['code braces', `\`{${M}}\`: `, 'brace-marker-colon'],
		['heading with braces', `### {${M}}\n`, 'brace-marker'],
		['bold heading', '**Corrected Student Solution**\n', 'bold-heading'],
		['bold heading, colon inside', '**Corrected Student Solution:** ', 'bold-heading'],
		['bold heading, colon outside', '**corrected student solution**: ', 'bold-heading'],
		['bold with underscores', '__Corrected student solution:__\n', 'bold-heading'],
		['bold identifier', `**${M}**:\n`, 'bold-heading'],
		['bold in a list', '- **Corrected student solution:** ', 'bold-heading'],
		['bold in a heading', '## **Corrected Student Solution**\n', 'bold-heading'],
		['plain heading', 'Corrected student solution:\n', 'plain-heading'],
		['plain heading on the same line', 'CORRECTED STUDENT SOLUTION: ', 'plain-heading'],
		['plain identifier', `${M}: `, 'plain-heading'],
		['plain heading without colon', 'Corrected Student Solution\n', 'plain-heading'],
		['Markdown heading', '# Corrected Student-Solution\n\n', 'plain-heading'],
		['quoted heading', '> Corrected student solution:\n', 'plain-heading'],
		['Windows line ends', `{${M}}:\r\n`, 'brace-marker-colon'],
	])('%s', (_name, marker, rule) => {
		for (const reasoning of [`{teacher_reasoning}: ${WHY}`, `**Teacher reasoning:** ${WHY}`, WHY]) {
			expect(parseReply(`${reasoning}\n\n${marker}${REVISED}\n`, ORIGINAL)).toEqual({
				ok: true,
				revised: REVISED,
				reasoning: WHY,
				rule,
			});
		}
	});
});

describe('which text is taken', () => {
	const revisedOf = (reply: string): string | null => {
		const parsed = parseReply(reply, ORIGINAL);
		return parsed.ok ? parsed.revised : null;
	};

	test('the text after the last marker, if the reasoning names the marker before', () => {
		const reply = `{teacher_reasoning}: In the {corrected_student_solution} I use “went”.\n{corrected_student_solution}: ${REVISED}`;
		expect(parseReply(reply, ORIGINAL)).toMatchObject({
			revised: REVISED,
			reasoning: 'In the {corrected_student_solution} I use “went”.',
		});
	});

	test('the text after the last marker with text, if a marker closes the reply', () => {
		expect(revisedOf(`{corrected_student_solution}: ${REVISED}\n{corrected_student_solution}`)).toBe(REVISED);
		expect(revisedOf(`{corrected_student_solution}\n${REVISED}\n{/corrected_student_solution}`)).toBe(
			REVISED,
		);
	});

	test('none of the reasoning, if it comes after', () => {
		expect(revisedOf(`{corrected_student_solution}: ${REVISED}\n\n{teacher_reasoning}: ${WHY}`)).toBe(
			REVISED,
		);
		expect(revisedOf(`{corrected_student_solution}: ${REVISED}\n\n**Teacher Reasoning**\n${WHY}`)).toBe(
			REVISED,
		);
	});

	test('all its lines and all its marks', () => {
		const text = '**went**\n\n- one\n- two\n\n```js\nlet a = { b: 1 };\n```';
		expect(revisedOf(`{corrected_student_solution}: ${text}\n`)).toBe(text);
		expect(revisedOf(`{corrected_student_solution}:Say \`went\`.`)).toBe('Say `went`.');
	});

	test('markup and script as plain text', () => {
		const text = '<script>alert(1)</script><img src=x onerror="alert(2)">{{7*7}}${process.exit()}';
		expect(revisedOf(`{corrected_student_solution}: ${text}`)).toBe(text);
		const reasoning = '<b>bold</b><script>x</script>';
		expect(
			parseReply(`{teacher_reasoning}: ${reasoning}\n{corrected_student_solution}: ${REVISED}`, ''),
		).toMatchObject({
			reasoning,
		});
	});

	test('text in any script', () => {
		expect(revisedOf('{corrected_student_solution}: 今天天气很好 🙂 Größe')).toBe('今天天气很好 🙂 Größe');
	});

	test('no marker in mid-sentence without braces', () => {
		const reply = 'I give the corrected student solution: it says went.';
		expect(parseReply(reply, ORIGINAL)).toMatchObject({ ok: false, reason: 'no-marker' });
	});
});

describe('a reply that cannot be used is rejected with its reason', () => {
	const after = (text: string): string => `{teacher_reasoning}: x\n{corrected_student_solution}: ${text}`;
	test.each<[name: string, reply: string, reason: RejectionReason]>([
		['nothing', '', 'empty'],
		['white space', ' \n\t ', 'empty'],
		['a marker without text', after('  \n'), 'empty'],
		['only closed markers', '{corrected_student_solution}\n{/corrected_student_solution}', 'empty'],
		['plain prose', 'Your student did well.', 'no-marker'],
		['reasoning alone', '{teacher_reasoning}: The verb is irregular.', 'no-marker'],
		['HTML of a proxy', '<!doctype html><html><body>502 Bad Gateway</body></html>', 'no-marker'],
		['a cut reply', '{teacher_reasoning}: x\n{corrected_student_sol', 'no-marker'],
		['the same text', after(ORIGINAL), 'identical'],
		['the same text in other space', after(`\n  ${ORIGINAL}  \n`), 'identical'],
		['a refusal instead of a reply', 'I’m sorry, but I can’t help with that.', 'refusal'],
		['a refusal after the marker', after('I cannot assist with this request.'), 'refusal'],
		['a refusal as a model', after('As an AI language model, I have no opinion.'), 'refusal'],
		['an apology that refuses', after('I apologize, but I am unable to revise this.'), 'refusal'],
		['talk in the corrected answer', after(`I gave a corrected answer. ${REVISED}`), 'mentions-revision'],
		['talk of the student', after('The student’s answer should say went.'), 'mentions-revision'],
		['talk of the correction', after(`I have corrected the verb. ${REVISED}`), 'mentions-revision'],
		['an identifier left over', after('{student_solution}: went'), 'mentions-revision'],
	])('%s: %s', (_name, reply, reason) => {
		const parsed = parseReply(reply, ORIGINAL);
		expect(parsed).toMatchObject({ ok: false, reason });
		expect(parsed.ok ? '' : parsed.detail).not.toBe('');
	});

	test.each([
		['Sorry to hear that. We will send a new one.', 'Sorry. We send new one.'],
		['I improved my skills and corrected the essay of a friend.', 'I improve my skill.'],
		['You cannot divide by zero, as the result is not defined.', 'You can divide by zero.'],
	])('an answer that only sounds like one is taken: %s', (revised, original) => {
		expect(parseReply(after(revised), original)).toMatchObject({ ok: true, revised });
	});

	test('words of the original are no sign', () => {
		const original = 'Sorry, I cannot come. This revision is due';
		expect(parseReply(after(`${original}.`), original)).toMatchObject({ ok: true });
	});
});

describe('the request', () => {
	const PROMPT = 'Give the past tense of “go”.';

	test('is one user message that holds both texts and names both markers', () => {
		const messages = revisionRequest(PROMPT, ORIGINAL);
		expect(messages).toHaveLength(1);
		expect(messages[0]?.role).toBe('user');
		for (const part of [
			PROMPT,
			ORIGINAL,
			'{teacher_reasoning}',
			'{corrected_student_solution}',
			'minimally',
		]) {
			expect(messages[0]?.content).toContain(part);
		}
	});

	test.each([
		[PROMPT, ORIGINAL],
		['several\n\nlines', ' with space around \n'],
		['', ''],
		['{task}: nested', '{student_solution}: nested\n\n{student_solution}: twice'],
	])('gives its texts back: %j', (prompt, output) => {
		expect(readRevisionRequest(revisionRequest(prompt, output))).toEqual({ prompt, output });
	});

	test('is recognised among other texts', () => {
		expect(readRevisionRequest([{ role: 'user', content: 'Hello' }])).toBeNull();
		expect(readRevisionRequest([])).toBeNull();
	});

	test('has a reply form that the parser reads', () => {
		expect(parseReply(revisionReply(WHY, REVISED), ORIGINAL)).toEqual({
			ok: true,
			revised: REVISED,
			reasoning: WHY,
			rule: 'brace-marker-colon',
		});
	});
});
