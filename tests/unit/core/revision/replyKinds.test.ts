/** More replies of each kind in replyCases.test.ts, in other words and languages. */
import { describe, expect, test } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';
import type { ParsedReply, RejectionReason } from '#core/revision/revision.ts';

const ORIGINAL = 'The river flow from north to south and freeze in winter.';
const REVISED = 'The river flows from north to south and freezes in winter.';
const after = (text: string): string =>
	`{teacher_reasoning}: Two verbs lack an s.\n\n{corrected_student_solution}: ${text}`;
const parse = (text: string, original = ORIGINAL): ParsedReply => parseReply(after(text), original);
const taken = { ok: true, revised: REVISED };

describe('a marker counts only at the start of a line', () => {
	test.each([
		after(`${REVISED}\n\nThat {corrected_student_solution} keeps nearly every word.`),
		after(`${REVISED}\n\nNote: the {corrected_student_solution}: only two letters are new.`),
		after(`${REVISED}\nIn my {corrected_student_solution} the verbs agree.`),
		after(`${REVISED}\n\n{corrected_student_solution} is as short as the answer.`),
		`I will write the {corrected_student_solution} after some thought.\n\n${after(REVISED)}`,
		`First {teacher_reasoning}, then {corrected_student_solution}.\n${after(REVISED)}`,
		`> **{corrected_student_solution}:** ${REVISED}`,
		`# {corrected_student_solution}\n\n${REVISED}`,
		`<strong>{corrected_student_solution}</strong> ${REVISED}`,
		`2) {corrected_student_solution}: ${REVISED}`,
		`- __{corrected_student_solution}__: ${REVISED}`,
		`\`\`\`markdown\n{corrected_student_solution}:\n${REVISED}\n\`\`\`\nThe verbs agree now.`,
		`✅ {corrected_student_solution}: ${REVISED}`,
		`"{corrected_student_solution}": "${REVISED}"`,
		`<corrected_student_solution lang="en">${REVISED}</corrected_student_solution>`,
		`<corrected_student_solution lang='en' id=1 >\n${REVISED}\n</corrected_student_solution>`,
		`<revision lang="en">${REVISED}</revision>`,
		`<revision xml:lang="en" note="a > b">\n${REVISED}\n</revision>`,
		`<teacher_reasoning n="1">Verbs.</teacher_reasoning><corrected_student_solution n="1">${REVISED}</corrected_student_solution>`,
		`{teacher_reasoning}: Two verbs. {corrected_student_solution}: ${REVISED}`,
	])('%s', (reply) => {
		expect(parseReply(reply, ORIGINAL)).toMatchObject(taken);
	});
});

describe('thinking is no reply', () => {
	const DRAFT = '{corrected_student_solution}: The river flows.';
	test.each([
		`<think>${DRAFT}</think>\n${after(REVISED)}`,
		`<thinking>\n${DRAFT}\n</thinking>\n\n${after(REVISED)}`,
		`<reasoning>${DRAFT}</reasoning>${after(REVISED)}`,
		`[THINK]${DRAFT}[/THINK]${after(REVISED)}`,
		`◁think▷${DRAFT}◁/think▷${after(REVISED)}`,
		`<THOUGHT>\n${DRAFT}\n</THOUGHT>\n${after(REVISED)}`,
		`Let me see.\n${DRAFT}\n</thinking>\n${after(REVISED)}`,
		`<think>a</think>${DRAFT}\n<think>b</think>\n\n${after(REVISED)}`,
		`<|channel|>analysis<|message|>${DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>${after(REVISED)}<|return|>`,
		`${after(REVISED)}\n<think>Should I also change the winter? ${DRAFT}`,
	])('%s', (reply) => {
		expect(parseReply(reply, ORIGINAL)).toMatchObject(taken);
	});

	test.each([
		`<think>${DRAFT}`,
		`<thinking>\n${DRAFT}\n`,
		`<reasoning>${DRAFT}</reasoning>`,
		`${DRAFT}\n</think>`,
		`<|channel|>analysis<|message|>${DRAFT}`,
		`<think>${DRAFT}</think>\n\n${REVISED}`,
	])('and nothing of it is taken: %s', (reply) => {
		expect(parseReply(reply, ORIGINAL)).toMatchObject({ ok: false, reason: 'no-marker' });
	});

	test('but an answer about such tags keeps them', () => {
		const original = 'In the page the <think> tag hide text, </think> close it.';
		const text = 'In the page the <think> tag hides text, and </think> closes it.';
		expect(parse(text, original)).toMatchObject({ ok: true, revised: text });
	});
});

describe('sections in other forms', () => {
	test.each([
		`<teacher_reasoning>Verbs.</teacher_reasoning><corrected_student_solution>${REVISED}</corrected_student_solution>`,
		`\`\`\`json\n{"teacher_reasoning": "x", "corrected_student_solution": "${REVISED}"}\n\`\`\``,
		`Here: {"reply": {"corrected_student_solution": "${REVISED}"}}`,
		`{\n"teacher_reasoning": "He says "go" twice",\n"corrected_student_solution": "${REVISED}",\n}`,
		`(corrected_student_solution): ${REVISED}`,
		`【corrected_student_solution】${REVISED}`,
		`{correctedStudentSolution}: ${REVISED}`,
		`## Corrected Student’s Solution\n\n${REVISED}`,
		`Corrected student solution (minimal): ${REVISED}`,
		`corrected_student_solution → ${REVISED}`,
		`**Final answer:** ${REVISED}`,
		`{correct_student_solution}: ${REVISED}`,
		`{corected_student_solution}: ${REVISED}`,
		`{revised_answer}\n${REVISED}`,
		`{lösung_des_schülers_verbessert}: ${REVISED}`,
		`## Überlegung\nZwei Verben.\n\n## Lösung\n${REVISED}`,
		`{corrected_student_solution}: ${REVISED}\n\n{original_student_solution}: ${ORIGINAL}`,
		`{corrected_student_solution}: ${REVISED}\n\n{notes_for_the_teacher}: none`,
		`{teacher_reasoning: Verbs.}\n{corrected_student_solution: ${REVISED}}`,
	])('%s', (reply) => {
		expect(parseReply(reply, ORIGINAL)).toMatchObject(taken);
	});

	test.each([
		'{explication_du_professeur}: Deux verbes.\n{solution_corrigée}: La rivière coule.',
		'{my_thoughts}: nice\n{result_text}: Something about a mountain',
		'The answer is fine, I think.',
	])('and a text unlike the original needs a marker: %s', (reply) => {
		expect(parseReply(reply, ORIGINAL)).toMatchObject({ ok: false, reason: 'no-marker' });
	});
});

describe('several versions', () => {
	test.each([
		`${REVISED}\n\n${REVISED}`,
		`Before: ${ORIGINAL}\nAfter: ${REVISED}`,
		`Original: ${ORIGINAL}\n\nCorrected: ${REVISED}`,
		`${ORIGINAL}\n\n${REVISED}`,
	])('a copy goes: %s', (text) => {
		expect(parse(text)).toMatchObject(taken);
	});

	test.each([
		`Version A: ${REVISED}\nVersion B: From north to south the river flows, and it freezes in winter.`,
		`Variante 1) ${REVISED}\n\nVariante 2) The river flows south from the north, and freezes in winter.`,
		`${REVISED}\n\nor\n\nThe river flows from the north to the south and it freezes in winter.`,
		`Alternative 1 - ${REVISED}\nAlternative 2 - In winter the river that flows from north to south freezes.`,
	])('options are rejected: %s', (text) => {
		expect(parse(text)).toMatchObject({ ok: false, reason: 'several' });
	});

	test('numbered markers are options, and a second draft under the same marker is the final one', () => {
		const first = '{corrected_student_solution_1}: The river flows.';
		expect(parseReply(`${first}\n{corrected_student_solution_2}: ${REVISED}`, ORIGINAL)).toMatchObject({
			reason: 'several',
		});
		expect(
			parseReply(`${after('The river flows from north to south.')}\n\n${after(REVISED)}`, ORIGINAL),
		).toMatchObject(taken);
	});
});

describe('refusals and comments are judged by likeness first', () => {
	const rejects = (reason: RejectionReason, texts: readonly string[]): void => {
		test.each(texts)(`${reason}: %s`, (text) => {
			expect(parse(text)).toMatchObject({ ok: false, reason });
		});
	};
	rejects('refusal', [
		'I’m sorry, but I can’t assist with that.',
		'I must respectfully decline.',
		'This request violates our content policy.',
		'I would rather not rewrite this one.',
		'As a language model, I have no way to check facts.',
		'My apologies, I am unable to do this.',
		'Leider kann ich das nicht machen.',
		'Lo siento, no puedo ayudar con eso.',
		'Je suis désolé, je ne peux pas répondre.',
		'Mi dispiace, non posso aiutarti.',
		'Desculpe, não posso ajudar com isso.',
		'Helaas kan ik hier niet mee helpen.',
		'Przykro mi, nie mogę w tym pomóc.',
		'К сожалению, я не могу с этим помочь.',
		'抱歉，我无法协助处理这个请求。',
		'申し訳ありませんが、お手伝いできません。',
	]);
	rejects('unchanged', [
		'No corrections are necessary.',
		'N/A',
		'(no change)',
		'[Unchanged]',
		'Same as the original.',
		'The answer is fine as is.',
		'This needs no edits.',
		'Nothing to fix here.',
		'The student solution does not require any improvement.',
		'Keine Änderungen nötig.',
		'Unverändert.',
		'Sin cambios.',
		'No se necesitan cambios.',
		'Aucune modification nécessaire.',
		'Nessuna modifica necessaria.',
		'Geen wijzigingen nodig.',
		'无需修改。',
		`No changes needed. ${ORIGINAL}`,
	]);
	rejects('identical', [
		`The answer is already correct:\n\n${ORIGINAL}`,
		`"${ORIGINAL}"`,
		`Here is my version:\n${ORIGINAL}\n\nI changed nothing.`,
	]);
	rejects('mentions-revision', [
		`I have corrected the verbs. ${REVISED}`,
		`${REVISED} This revision fixes both verbs.`,
		'The student’s answer should use two other verbs.',
	]);

	test.each([
		['I fixed the bike and I have changed the tyres.', 'I fix the bike and change tyres.'],
		['The corrected text of the treaty was printed in 1815.', 'The corrected text of treaty print in 1815.'],
		['This edition of the map is better.', 'This edition of map better.'],
		['Unfortunately, the train cannot leave today.', 'Unfortunately train can not leaves today.'],
		['I am afraid that we cannot come to your party on Friday.', 'We not come to party Friday.'],
		['The improved version of the engine uses less oil.', 'New engine version use less oil.'],
		['There are no changes to the plan of the garden.', 'There is no change in plan of garden.'],
		['An AI can help a doctor, but it is not able to feel.', 'AI help doctor but not feels.'],
		['Leider ist der Zug nicht gekommen.', 'Leider der Zug nicht kommen.'],
		['Lo siento, el tren no puede salir hoy.', 'Lo siento, tren no puede sale hoy.'],
		['The teacher has revised your essay and returned it.', 'Teacher revise essay and return.'],
	])('an answer about such things is taken: %s', (text, original) => {
		expect(parse(text, original)).toMatchObject({ ok: true, revised: text });
	});
});

describe('an edit of form or of length', () => {
	test.each([
		[`The river flow from north to south  and\nfreeze in winter.`],
		['The river flow from north to south and freeze in winter. '],
		['The river\u00A0flow from north to south and freeze in winter.'],
		['The\u200B river flow from north to south and freeze in winter.'],
	])('spaces: %j', (text) => {
		const { ok } = parse(text);
		expect(ok).toBe(false);
	});

	test.each([
		['He said “yes”...', 'He said "yes"…'],
		['from 9–5', 'from 9-5'],
		['l’eau', "l'eau"],
	])('typographic signs: %s', (text, original) => {
		expect(parse(text, original)).toMatchObject({ ok: false, reason: 'spacing' });
	});

	test('indentation counts in code', () => {
		const original = '```py\nif x:\nprint(x)\n```';
		const text = '```py\nif x:\n    print(x)\n```';
		expect(parse(text, original)).toMatchObject({ ok: true, revised: text });
	});

	test('a longer answer is an edit up to a bound', () => {
		expect(parse(`${REVISED} It is long and wide.`)).toMatchObject({ ok: true });
		expect(parse('Paris is the capital of France, and the Seine runs through it.', 'paris')).toMatchObject({
			ok: true,
		});
		expect(parse(`${REVISED} ${'Then it turns east. '.repeat(40)}`)).toMatchObject({ reason: 'too-long' });
	});
});
