/** Lists of questions with their answers: `Q: …`, `A: …`, also numbered. The questions are prompts; the answers are listed as left out. */
import { filledLines, type TextRow } from './lineRows.ts';
import { QUESTION_FAMILIES } from './turns.ts';

/** The speaker of a line: `Q:`, `**Question 3:**`. */
const SPEAKER =
	/^\s{0,20}(?:\*\*|__)?(?<name>\p{L}{1,16})[ \t]{0,2}\d{0,4}[ \t]{0,2}(?:\*\*|__)?[:：](?:\*\*|__)?(?<rest>.*)$/u;

const LEFT_OUT = 'an answer, not a prompt';

function spoken(line: string): { name: string; rest: string } | null {
	const { name, rest } = SPEAKER.exec(line)?.groups ?? {};
	return name === undefined || rest === undefined ? null : { name: name.toLowerCase(), rest: rest.trim() };
}

/** Null if the text is no such list: its first line asks nothing, or nothing answers. */
export function questionRows(text: string): TextRow[] | null {
	const lines = filledLines(text).map((line) => ({ ...line, speaker: spoken(line.text) }));
	const first = lines[0]?.speaker?.name ?? '';
	const family = QUESTION_FAMILIES.find(({ user }) => user.includes(first));
	const answers = ({ speaker }: (typeof lines)[number]): boolean =>
		speaker !== null && family?.assistant.includes(speaker.name) === true;
	if (family === undefined || !lines.some(answers)) return null;
	const rows: { row: TextRow; texts: string[] }[] = [];
	for (const one of lines) {
		const { line, text: raw, speaker } = one;
		const last = rows.at(-1);
		if (answers(one)) rows.push({ row: { line, raw, text: '', reason: LEFT_OUT }, texts: [] });
		else if (speaker !== null && family.user.includes(speaker.name))
			rows.push({ row: { line, raw, text: '' }, texts: speaker.rest === '' ? [] : [speaker.rest] });
		else last?.texts.push(raw);
	}
	return rows.map(({ row, texts }) => (row.reason === undefined ? { ...row, text: texts.join('\n') } : row));
}
