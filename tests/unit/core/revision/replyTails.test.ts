/** Remarks on the line of the answer. */
import { describe, expect, test } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';
import type { ParsedReply } from '#core/revision/revision.ts';

const after = (text: string): string => `{teacher_reasoning}: Verb.\n\n{corrected_student_solution}: ${text}`;
const parse = (text: string, original: string): ParsedReply => parseReply(after(text), original);

describe('a remark behind the answer is cut', () => {
	const MOON = 'The moon pulls the sea.';
	test.each([
		'(I changed "pull" to "pulls".)',
		'(changed pull to pulls)',
		'(Changed “pull” → “pulls” for agreement.)',
		'[fixed verb agreement]',
		'(revised version)',
		'[Edited for grammar.]',
		'*(Subject and verb agree now.)*',
		'**[corrected]**',
		'_(replaced pull)_',
		'← corrected',
		'<-- fixed',
		'// fixed the verb',
		'-> verb corrected',
		'— Your teacher',
		'-- Ms. Smith',
		'~ your tutor',
		'# one letter added',
		'<!-- verb fixed -->',
		'（我把动词改了。）',
		'【修正済み】',
		'(Ich habe das Verb geändert.)',
		'(J’ai remplacé « pull » par « pulls ».)',
		'(verbo corregido)',
		'(исправлен глагол)',
		'✅',
		'👍🏽',
		'✔️ ✏️',
		'🎉🎉',
		'✅ (fixed!)',
		'(was "pull")',
		'(Nice work overall!)',
		'P.S. Keep practising!',
		'PS: You did well.',
		'N.B. third person takes an s.',
		'Note: third person takes an s.',
		'Changed "pull" to "pulls".',
		'Replaced “pull” by “pulls”.',
		'\n\n— Your teacher',
		'\n\nP.S. Keep practising!',
		'\n— Frau Müller',
	])('%s', (tail) => {
		for (const gap of [' ', '  ']) {
			expect(parse(MOON + gap + tail, 'The moon pull the sea.')).toMatchObject({ ok: true, revised: MOON });
		}
	});

	test.each([
		['The moon pulls the sea (changed "pull" to "pulls").', 'The moon pull the sea.', MOON],
		['The moon pulls the sea [fixed]', 'The moon pull the sea', 'The moon pulls the sea'],
		[
			'A spider has eight legs. (Changed "have" to "has" and “six” to “eight”.)',
			'A spider have six legs.',
			'A spider has eight legs.',
		],
		['蜘蛛有八条腿。（我把六改成了八。）', '蜘蛛有六条腿。', '蜘蛛有八条腿。'],
		['蜘蛛有八条腿。（把“六”换成“八”）', '蜘蛛有六条腿。', '蜘蛛有八条腿。'],
		[
			'Die Spinne hat acht Beine. (statt sechs)',
			'Die Spinne haben sechs Beine.',
			'Die Spinne hat acht Beine.',
		],
	])('%s', (text, original, revised) => {
		expect(parse(text, original)).toMatchObject({ ok: true, revised });
	});
});

describe('an end that belongs to the answer is kept', () => {
	test.each([
		['The sky is blue (air scatters the light).', 'The sky are blue (air scatter the light).'],
		['The treaty is old. (It was changed in 1815.)', 'The treaty are old. (It was change in 1815.)'],
		['The lake is deep. [1]', 'The lake are deep. [1]'],
		['The lake is deep [1].', 'The lake are deep.'],
		['The function is f(x)', 'Function be f x'],
		['See you soon 🙂', 'See you sun 🙂'],
		['He came home — tired and wet.', 'He come home — tired and wet.'],
		['He came home — tired and wet.', 'He come home, tired and wet.'],
		['Be kind. — Seneca', 'Be kinds. — Seneca'],
		['Dear Ann, I am well. P.S. I miss you.', 'Dear Ann, I is well. P.S. I miss you.'],
		['WHO (World Health Organization)', 'WHO is World Health Organisation'],
		['Water boils at 100 °C (212 °F).', 'Water boil at 100 °C.'],
		['The list is [a, b, c]', 'list be a b c'],
	])('%s', (text, original) => {
		expect(parse(text, original)).toMatchObject({ ok: true, revised: text });
	});
});
