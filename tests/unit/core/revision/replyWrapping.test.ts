/** Wrappings of the revised text and words around it, in more forms than replyCases.test.ts. */
import { describe, expect, test } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';
import type { ParsedReply } from '#core/revision/revision.ts';

const ORIGINAL = 'The river flow from north to south and freeze in winter.';
const REVISED = 'The river flows from north to south and freezes in winter.';
const after = (text: string): string =>
	`{teacher_reasoning}: Two verbs lack an s.\n\n{corrected_student_solution}: ${text}`;
const parse = (text: string, original = ORIGINAL): ParsedReply => parseReply(after(text), original);
const taken = { ok: true, revised: REVISED };

describe('a wrapping that the original lacks is taken off', () => {
	test.each([
		`\`\`\`\n${REVISED}\n\`\`\``,
		`~~~text\n${REVISED}\n~~~`,
		`\`\`\`${REVISED}\`\`\``,
		`\`${REVISED}\``,
		`“${REVISED}”`,
		`„${REVISED}“`,
		`«${REVISED}»`,
		`'${REVISED}'`,
		`「${REVISED}」`,
		`"${REVISED.slice(0, -1)}".`,
		`{{${REVISED}}}`,
		`[${REVISED}]`,
		`(${REVISED})`,
		`<${REVISED}>`,
		`***${REVISED}***`,
		`_${REVISED}_`,
		`<p>${REVISED}</p>`,
		`<answer>\n${REVISED}\n</answer>`,
		`> ${REVISED}`,
		`**"${REVISED}"**`,
		`\`\`\`\n"${REVISED}"\n\`\`\``,
		String.raw`\boxed{${REVISED}}`,
		`|\n  ${REVISED}`,
		`${REVISED}}`,
		`${REVISED}**`,
		`${REVISED}</div>`,
		`"""\n${REVISED}\n"""`,
		`:::\n${REVISED}\n:::`,
		`~${REVISED}~`,
		`\\begin{quote}\n${REVISED}\n\\end{quote}`,
		`- ${REVISED}`,
		`1. ${REVISED}`,
		`# ${REVISED}`,
		`→ ${REVISED}`,
		'The river ~~flow~~ **flows** from north to south and ~~freeze~~ **freezes** in winter.',
		'The river <del>flow</del> <ins>flows</ins> from north to south and **freezes** in winter.',
		'The river **flows** from north to south and **freezes** in winter.',
	])('%s', (text) => {
		expect(parse(text)).toMatchObject(taken);
	});

	test.each([
		['"We leave at nine."', '"We leaves at nine."'],
		['(See page 4.)', '(See pages 4.)'],
		['**Careful: hot.**', '**Careful: hots.**'],
		['```py\nprint(1)\n```', '```py\nprint 1\n```'],
		['> He said so.', '> He say so.'],
		['<p>One word.</p>', '<p>One words.</p>'],
		['{"a": 1}', 'no idea'],
		['["a", "b"]', 'a, b'],
		['“Go” and “stop” are verbs, says “Ann”', 'Go and stop is verbs, says Ann'],
		['"Go" and "stop"', 'go, stop'],
		['**Go** and **stop**', 'go, stop'],
		['- milk\n- bread', 'milk bread'],
		['The screen measures 12"', 'The screen measure 12 inch'],
		['See you soon :)', 'See you sun'],
		['Dear [Name], thank you for the letter.', 'Dear thank for letter.'],
		['The lake is deep, as [1] shows.', 'Lake is deep as shows.'],
		['<script>alert(1)</script>', 'script alert 1'],
	])('%s is kept', (text, original) => {
		expect(parse(text, original)).toMatchObject({ ok: true, revised: text });
	});
});

describe('words around the answer are cut', () => {
	test.each([
		`Here is the improved answer:\n\n${REVISED}`,
		`Certainly! Below is a better wording:\n\n${REVISED}`,
		`Of course.\n\n${REVISED}`,
		`Hier ist eine bessere Fassung:\n\n${REVISED}`,
		`Voici une version plus claire :\n\n${REVISED}`,
		`Aquí tienes una versión más clara:\n${REVISED}`,
		`**Corrected solution**\n\n${REVISED}`,
		`### Revised answer\n${REVISED}`,
		`Answer: ${REVISED}`,
		`Here is the corrected answer: ${REVISED}`,
		`My version follows:\n---\n${REVISED}`,
		`[Corrected] ${REVISED}`,
		`<b>Answer:</b> ${REVISED}`,
		`Solution\n\n${REVISED}`,
		`_Corrected version_\n\n${REVISED}`,
		`The student could write: "${REVISED}"`,
		`It should read "${REVISED}"`,
		`Try this: ${REVISED}`,
		`Good job! ${REVISED}`,
		`Korrigierte Antwort: ${REVISED}`,
		`Ответ: ${REVISED}`,
		`修正后：${REVISED}`,
		`${REVISED}\n\n✅ Fixed!`,
		`${REVISED}\n\nThe original said “flow”, which is wrong.`,
		`${REVISED}\n\n| before | after |\n|---|---|\n| flow | flows |`,
		`${REVISED}\n\nLet me know if you need further adjustments.`,
		`${REVISED}\n\nI hope this helps!`,
		`${REVISED}\n\nFeel free to ask for more.`,
		`${REVISED}\n\n**Explanation:** Both verbs take an s.`,
		`${REVISED}\n\n*Note: I only fixed the verbs.*`,
		`${REVISED}\n\nChanges:\n\n1. flow → flows\n2. freeze → freezes`,
		`${REVISED}\n\nKey edits:\n- "flow" became "flows"\n- "freeze" became "freezes"`,
		`${REVISED}\n\n***\n\nTwo verbs agree with their subject now.`,
		`${REVISED}\n___\n`,
		`${REVISED}\n\n====\n`,
		`${REVISED}\nI changed two verbs.`,
		`${REVISED}\n\nÄnderungen: flow zu flows.`,
		`${REVISED}\n\nIch habe beide Verben korrigiert.`,
		`${REVISED}\n\nHe corregido los dos verbos.`,
		`${REVISED}\n\nJ’ai corrigé les deux verbes.`,
		`Sure! Here you go:\n\n"${REVISED}"\n\nWould you like another version?`,
	])('%s', (text) => {
		expect(parse(text)).toMatchObject(taken);
	});

	test.each([
		['Bring flour and eggs.\n\nNote: heat the oven first.', 'Bring flour and egg.\n\nNote: heat oven first.'],
		['Three colours:\n- red\n- blue\n- green', 'Three colours:\n- red\n- blu\n- green'],
		['Dear Ms Ott:\n\nThe parcel has arrived.', 'The parcel have arrived.'],
		['Dear Ms Ott,\n\nthe parcel has arrived.\n\nKind regards,\nLea', 'the parcel have arrived'],
		['Sure! We can meet at noon.', 'Sure we can meet at noon'],
		['Thank you for your help! I owe you one.', 'thank for your help i owe you one'],
		['Dialogue:\nA: Hello!\nB: Hi!', 'Dialogue: A: helo B: hi'],
		['The set is {1, 2, 3}.', 'The set is 1,2,3'],
		['# Chapter one: The storm\n\nIt rained.', 'Chapter one the storm. It rain.'],
		['Mix it.\n\n---\n\nThen bake it for one hour.', 'Mix it.\n\n---\n\nThen bakes it for one hour.'],
		['He wrote: come home.', 'He write: come home.'],
		['a → b', 'a -> c'],
		[
			'First we eat.\n\nThen we sleep.\n\nAt last we dream.',
			'First we eats.\n\nThen we sleeps.\n\nAt last we dreams.',
		],
	])('%s is kept', (text, original) => {
		expect(parse(text, original)).toMatchObject({ ok: true, revised: text });
	});
});

describe('end tokens and end markers are cut', () => {
	test.each([
		'<|eot_id|>',
		'<|endoftext|>',
		'<|im_end|>\n<|im_start|>user\nThanks!',
		'<end_of_turn>',
		'</s><s>[INST] More [/INST]',
		' [/INST]',
		'<eos>',
		'<｜end▁of▁sentence｜>',
		'<|END_OF_TURN_TOKEN|>',
		'\n[END]',
		'\n{end}',
		'\n{/solution}',
		'\n{corrected_student_solution_end}',
		'\n{end of corrected student solution}',
		'\n### END ###',
		'\n</corrected_student_solution>',
		'\nEND_OF_SOLUTION',
		'\n-- end of answer --',
	])('%s', (end) => {
		expect(parse(REVISED + end)).toMatchObject(taken);
	});

	test('but struck text keeps its tags', () => {
		const text = 'The river <s>flow</s> flows.';
		expect(parse(text, 'The river flow.')).toMatchObject({ ok: true, revised: text });
	});
});
