/** Questions that a file holds deeper inside: exports of chat programs, and SQuAD's paragraphs. */
import { type Fields, isRecord } from '../format/record.ts';
import { type FileRow, shownValue } from '../format/rows.ts';

/** Messages of one conversation, before an export counts as damaged: its links may lead in a circle. */
const MOST_MESSAGES = 10_000;

const listIn = (fields: Fields, name: string): readonly unknown[] => {
	const value = fields[name];
	return Array.isArray(value) ? value : [];
};

/** The text of a user's message in an export of ChatGPT; null for other messages and for hidden ones. */
function chatGptText(message: unknown): string | null {
	if (!isRecord(message) || !isRecord(message['author']) || message['author']['role'] !== 'user') return null;
	const { content } = message;
	if (!isRecord(content) || (content['content_type'] ?? 'text') !== 'text') return null;
	const text = listIn(content, 'parts')
		.filter((part) => typeof part === 'string')
		.join('\n');
	return text.trim() === '' ? null : text;
}

/** The user's texts along the first branch of a conversation, from its root on. */
function chatGptTurns(mapping: Fields): string[] {
	const nodes = Object.values(mapping).filter(isRecord);
	const texts: string[] = [];
	let node = nodes.find(({ parent }) => parent == null);
	for (let i = 0; node !== undefined && i < MOST_MESSAGES; i++) {
		const text = chatGptText(node['message']);
		if (text !== null) texts.push(text);
		const [child] = listIn(node, 'children');
		const next = typeof child === 'string' && Object.hasOwn(mapping, child) ? mapping[child] : undefined;
		node = isRecord(next) ? next : undefined;
	}
	return texts;
}

/** The user's texts of Claude's export. */
const claudeTurns = (messages: readonly unknown[]): string[] =>
	messages
		.filter(isRecord)
		.flatMap(({ sender, text }) => (sender === 'human' && typeof text === 'string' ? [text] : []));

/** A conversation of an export as the user's turns; another row is returned as it is. */
export function userTurns(row: object): object {
	const { mapping, current_node: current, chat_messages: messages } = row as Fields;
	const nodes = isRecord(mapping) ? Object.values(mapping) : [];
	const isChat = current !== undefined || nodes.some((node) => isRecord(node) && 'message' in node);
	if (isRecord(mapping) && isChat) return { turns: chatGptTurns(mapping) };
	return Array.isArray(messages) ? { turns: claudeTurns(messages) } : row;
}

/** The questions of an article of SQuAD, each with its paragraph; null for other rows. */
function articleQuestions(value: unknown): object[] | null {
	if (!isRecord(value) || !Array.isArray(value['paragraphs'])) return null;
	const paragraphs = value['paragraphs'].filter(isRecord);
	return paragraphs.flatMap((paragraph) =>
		listIn(paragraph, 'qas')
			.filter(isRecord)
			.map((qa) => ({ question: qa['question'], context: paragraph['context'] })),
	);
}

/** The rows with each article of SQuAD as its questions; they have the line of the article. */
export function withArticles(rows: readonly FileRow[]): readonly FileRow[] {
	return rows.flatMap((row): readonly FileRow[] => {
		const questions = row.ok ? articleQuestions(row.value) : null;
		if (questions === null || questions.length === 0) return [row];
		return questions.map((value) => ({ line: row.line, text: shownValue(value), ok: true, value }));
	});
}
