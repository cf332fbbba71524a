/** Forms of replies whose text is not simply the text behind the marker. */
import { describe, expect, it } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';

const MARKER = '{teacher_reasoning}: x\n\n{corrected_student_solution}: ';
const FIRST = 'The capital of France is Lyon. It lies on the river Seine.';
const BETTER = 'The capital of France is Paris. It lies on the river Seine.';
const CODE = 'def add(a, b):\n    return a - b';
const QUOTE = '"Be yourself; everyone else is taken," said Mark Twain.';
const PRINT = 'Use this:\n\n```python\nprint("hi)\n```';

const revised = (original: string, reply: string): string => {
	const parsed = parseReply(reply, original);
	return parsed.ok ? parsed.revised : `rejected: ${parsed.reason}`;
};

it.each<[string, string, string, string]>([
	[
		'a step in front of the marker',
		FIRST,
		`### Step 1: {teacher_reasoning}\nx\n\n### Step 2: {corrected_student_solution}\n${BETTER}`,
		BETTER,
	],
	['the original, an arrow and the correction', FIRST, `${MARKER}${FIRST} → ${BETTER}`, BETTER],
	[
		'a diff',
		CODE,
		`${MARKER}\n\`\`\`diff\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n\`\`\``,
		CODE.replace('-', '+'),
	],
	[
		'quotation marks around a quotation',
		QUOTE,
		`${MARKER}"${QUOTE.replace('Mark Twain', 'Oscar Wilde')}"`,
		QUOTE.replace('Mark Twain', 'Oscar Wilde'),
	],
	[
		'a quotation with its own marks',
		QUOTE,
		`${MARKER}${QUOTE.replace('Mark Twain', 'Oscar Wilde')}`,
		QUOTE.replace('Mark Twain', 'Oscar Wilde'),
	],
	[
		'a fence around an answer with a fence',
		PRINT,
		`${MARKER}\n\`\`\`markdown\n${PRINT.replace('hi)', 'hi")')}\n\`\`\``,
		PRINT.replace('hi)', 'hi")'),
	],
	[
		'a longer fence around an answer with a fence',
		PRINT,
		`${MARKER}\n\`\`\`\`\n${PRINT.replace('hi)', 'hi")')}\n\`\`\`\``,
		PRINT.replace('hi)', 'hi")'),
	],
	[
		'an indented list',
		'1. Apples\n2. Banannas',
		'- {teacher_reasoning}: x\n- {corrected_student_solution}:\n  1. Apples\n  2. Bananas',
		'1. Apples\n2. Bananas',
	],
	[
		'an answer in JSON as a value',
		'{"age": "42", "a": 1}',
		'{"teacher_reasoning": "x", "corrected_student_solution": {"age": 42, "a": 1}}',
		'{"age": 42, "a": 1}',
	],
])('reads %s', (_name, original, reply, text) => {
	expect(revised(original, reply)).toBe(text);
});

it('an arrow inside of an answer stays', () => {
	expect(revised('A → B → D are the step', `${MARKER}A → B → C are the steps`)).toBe(
		'A → B → C are the steps',
	);
});

describe('a bracket in place of a part of the answer', () => {
	const letter = 'Dear Anna,\n\nthank you for you’re mail. I will come on monday.\n\nBest regards,\nTom';
	it.each([
		'thank you for your mail. [rest unchanged]',
		'thank you for your mail.\n\n[The rest is unchanged.]',
	])('is no revision: %j', (part) => {
		expect(revised(letter, `${MARKER}Dear Anna,\n\n${part}`)).toBe('rejected: mentions-revision');
	});
	it('behind the whole answer it is a remark', () => {
		const whole = letter.replace('you’re', 'your');
		expect(revised(letter, `${MARKER}${whole}\n\n(The rest is unchanged.)`)).toBe(whole);
	});
});

it.each([
	['水的沸点是90摄氏度。', '水的沸点是100摄氏度。', '如果您还有其他问题,请随时告诉我!'],
	[
		'한국의 수도는 부산이며 인구는 천만 명입니다.',
		'한국의 수도는 서울이며 인구는 천만 명입니다.',
		'도움이 되셨기를 바랍니다!',
	],
	[
		'Столица России — Псков, город на реке.',
		'Столица России — Москва, город на реке.',
		'Если у вас есть вопросы, дайте знать!',
	],
])('cuts an offer behind the answer: %s', (original, better, offer) => {
	expect(revised(original, `${MARKER}${better}\n\n${offer}`)).toBe(better);
});
