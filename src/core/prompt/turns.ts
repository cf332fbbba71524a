/**
 * Conversations written as one text: lines that begin with a speaker (`Human: … Assistant: …`), and the markers of chat
 * templates (`<|im_start|>user`, `[INST]`, `### Instruction:`). Sources: Anthropic's HH-RLHF, Alpaca, Vicuna, ChatML, and
 * the templates of Llama 2 and 3, Gemma, Zephyr, Phi, DeepSeek and Cohere.
 */
import type { Message } from '../output/output.ts';

type Role = Message['role'];

/** Speakers that occur together, in lower case: a line “Answer:” inside of a Human's turn is no turn of its own. */
interface Family {
	user: readonly string[];
	assistant: readonly string[];
}

const QUESTIONS: Family = {
	user: ['question', 'frage', 'pregunta', 'domanda', 'pergunta', '问题', '質問', '질문', 'вопрос'],
	assistant: [
		...['answer', 'antwort', 'réponse', 'reponse', 'respuesta', 'risposta', 'resposta', '回答', '答案'],
		...['답변', 'ответ'],
	],
};
const FAMILIES: readonly Family[] = [
	{
		user: [
			...['human', 'user', 'prompter', 'customer', 'client', 'student', 'person', 'me'],
			...['mensch', 'nutzer', 'benutzer', 'kunde', 'utilisateur', 'humain', 'usuario', 'humano', 'utente'],
			...['usuário', '用户', '人类', 'ユーザー', '사용자', 'пользователь', 'человек'],
		],
		assistant: [
			...['assistant', 'ai', 'ai assistant', 'bot', 'chatbot', 'gpt', 'chatgpt', 'claude', 'model', 'llm'],
			...['agent', 'teacher', 'assistent', 'ki', 'asistente', 'assistente', '助手', 'アシスタント'],
			...['어시스턴트', 'ассистент'],
		],
	},
	QUESTIONS,
	{
		user: [
			...['instruction', 'instructions', 'prompt', 'query', 'request', 'task', 'problem', 'input', 'context'],
			...['aufgabe', 'anweisung', 'eingabe', 'tâche', 'tarea', '指令', 'задание'],
		],
		assistant: [
			...['response', 'answer', 'reply', 'output', 'completion', 'solution', 'antwort', 'ausgabe', 'lösung'],
			...['réponse', 'respuesta', '回答', 'ответ'],
		],
	},
	{ user: ['q', 'h'], assistant: ['a'] },
];
/** Families of lists whose questions do not follow from one another. */
export const QUESTION_FAMILIES: readonly Family[] = [QUESTIONS, { user: ['q'], assistant: ['a'] }];
const SYSTEM: ReadonlySet<string> = new Set([
	'system',
	'system prompt',
	'system message',
	'developer',
	'система',
	'系统',
]);

const NAME = '[\\p{L}][\\p{L} ]{0,15}';
/** A speaker at the start of a line, perhaps as a heading or in bold: `### Human:`, `**User:**`, `[User]:`. */
const LINE = `(?<![^\\n\\r])[ \\t]*(?:#{1,6}[ \\t]*)?(?:\\*\\*|__|\\[)?(?<line>${NAME})(?:\\*\\*|__|\\])?[ \\t]*[:：](?:\\*\\*|__)?`;
/** Vicuna's speakers, also inside of a line. */
const INLINE = '(?<=^|\\s)(?<inline>USER|HUMAN|ASSISTANT|GPT)[ \\t]*:';
/** A speaker in the markers of a chat template. */
const TAGS = [
	'<\\|im_start\\|>[ \\t]*(?<chatml>\\w+)',
	'<\\|start_header_id\\|>\\s*(?<llama3>\\w+)\\s*<\\|end_header_id\\|>',
	'<start_of_turn>[ \\t]*(?<gemma>\\w+)',
	'(?:<\\|START_OF_TURN_TOKEN\\|>)?<[|｜](?<bars>system|user|assistant|human|prompter|bot|model|chatbot)(?:_TOKEN)?[|｜]>',
	'\\[\\|(?<baize>\\w+)\\|\\]',
	'<(?<angles>human|bot|user|assistant|system)>[ \\t]*:',
	'GPT4 Correct (?<openchat>User|Assistant):',
	'(?<open>\\[INST\\])',
	'(?<close>\\[/INST\\])',
];
/** Guanaco's speakers, which follow each other without a line end. */
const HASHED = '#{2,4}[ \\t]*(?<hashed>human|user|assistant|system)[ \\t]*:';
const MARKER = new RegExp(`${TAGS.join('|')}|${LINE}|${HASHED}|${INLINE}`, 'giu');
/** True for the groups of {@link TAGS}: nobody writes them by hand. */
const TEMPLATE_GROUPS: ReadonlySet<string> = new Set([
	...['chatml', 'llama3', 'gemma', 'bars', 'baize', 'angles', 'openchat', 'open', 'close'],
]);

const BEGIN = /^(?:\s|<s>|<bos>|<\|begin_of_text\|>|<\|startoftext\|>|<｜begin▁of▁sentence｜>|<BOS_TOKEN>)+/;
const END_TOKENS: readonly string[] = [
	...['</s>', '<s>', '<eos>', '<|im_end|>', '<|eot_id|>', '<|end|>', '<|endoftext|>', '<|end_of_text|>'],
	...['<end_of_turn>', '<｜end▁of▁sentence｜>', '<|END_OF_TURN_TOKEN|>', '<|end_of_turn|>'],
];
const SYSTEM_BLOCK = /^\s*<<SYS>>\s*([\s\S]*?)\s*<<\/SYS>>\s*/;

/** A speaker that was found; its name is in lower case. */
interface Speaker {
	name: string;
	/** Where the marker begins and where its text begins. */
	at: number;
	end: number;
	isTemplate: boolean;
}
type Marker = Speaker & { role: Role };

const TEMPLATE_NAMES: Readonly<Record<string, string>> = { open: 'user', close: 'assistant' };

function speakersOf(text: string): Speaker[] {
	const speakers: Speaker[] = [];
	for (const match of text.matchAll(MARKER)) {
		const [group, name] =
			Object.entries<string | undefined>(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
		if (group === undefined || name === undefined) continue;
		// The pattern ignores case, but Vicuna's speakers inside of a line are in capitals.
		if (group === 'inline' && name !== name.toUpperCase()) continue;
		speakers.push({
			name: TEMPLATE_NAMES[group] ?? name.trim().toLowerCase(),
			at: match.index,
			end: match.index + match[0].length,
			isTemplate: TEMPLATE_GROUPS.has(group),
		});
	}
	return speakers;
}

/** The turns' speakers: those of the family of the first one who is not the system. */
function markersOf(text: string): Marker[] {
	const all = speakersOf(text);
	const isTemplate = all[0]?.isTemplate === true;
	const speakers = all.filter((speaker) => speaker.isTemplate === isTemplate);
	const families = speakers.map(({ name }) => FAMILIES.find(({ user }) => user.includes(name)));
	const family = families.find((found) => found !== undefined);
	return speakers.flatMap((speaker): Marker[] => {
		if (SYSTEM.has(speaker.name)) return [{ ...speaker, role: 'system' }];
		if (family?.user.includes(speaker.name) === true) return [{ ...speaker, role: 'user' }];
		return family?.assistant.includes(speaker.name) === true ? [{ ...speaker, role: 'assistant' }] : [];
	});
}

export interface Turns {
	/** In order; the last one is empty if the text ends with the assistant's marker. */
	messages: Message[];
	/** True if a chat template wrote the text. */
	isTemplate: boolean;
}

/** Text before the first marker, as Alpaca and Vicuna have it. */
const MOST_PREAMBLE = 600;

function withSystemBlock(messages: readonly Message[]): Message[] {
	return messages.flatMap(({ role, content }): Message[] => {
		const system = role === 'user' ? SYSTEM_BLOCK.exec(content) : null;
		if (system === null) return [{ role, content }];
		return [
			{ role: 'system', content: system[1] ?? '' },
			{ role, content: content.slice(system[0].length) },
		];
	});
}

/** A turn's text without the tokens that end it. */
function withoutEnd(text: string): string {
	let end = text.length;
	for (;;) {
		while (end > 0 && /\s/.test(text.charAt(end - 1))) end--;
		const last = END_TOKENS.find((token) => text.endsWith(token, end));
		if (last === undefined) return text.slice(0, end).trimStart();
		end -= last.length;
	}
}

/** True if a token of a chat template ends the text. `</s>` also ends a struck text of HTML. */
function endsWithToken(text: string): boolean {
	const end = text.trimEnd();
	return END_TOKENS.some((token) => end.endsWith(token)) && !end.includes('<s>');
}

/** The answers of a pair without the token that ends each of them; unchanged if one ends without. */
export function withoutEndTokens<T>(answers: readonly (string | T)[]): readonly (string | T)[] {
	const texts = answers.filter((answer) => typeof answer === 'string');
	return texts.length === answers.length && texts.every(endsWithToken) ? texts.map(withoutEnd) : answers;
}

/** Alpaca's `### Input:` belongs to the instruction before it. */
function joined(messages: readonly Message[]): Message[] {
	const all: Message[] = [];
	for (const message of messages) {
		const last = all.at(-1);
		if (last?.role === message.role)
			all[all.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` };
		else all.push(message);
	}
	return all;
}

/**
 * The turns of a conversation that is written as one text; null if the text is no conversation: it does not begin with a
 * speaker or has no turn of both sides.
 */
export function readTurns(text: string): Turns | null {
	const body = text.replace(BEGIN, '');
	const markers = markersOf(body);
	const [first] = markers;
	if (first === undefined || first.role === 'assistant') return null;
	const preamble = body.slice(0, first.at).trim();
	if (preamble.length > MOST_PREAMBLE || (preamble !== '' && !isPreamble(body, first))) return null;
	const turns = markers.map(({ role, end }, i): Message => {
		const next = markers[i + 1]?.at ?? body.length;
		return { role, content: withoutEnd(body.slice(end, next)) };
	});
	if (preamble !== '') turns[0] = { role: first.role, content: `${preamble}\n\n${turns[0]?.content ?? ''}` };
	const messages = joined(withSystemBlock(turns));
	const hasBoth =
		messages.some(({ role }) => role === 'user') && messages.some(({ role }) => role === 'assistant');
	return hasBoth ? { messages, isTemplate: markers.some(({ isTemplate }) => isTemplate) } : null;
}

/** A preamble ends before a heading (Alpaca) or before a speaker in capitals (Vicuna); other texts mention speakers in passing. */
function isPreamble(body: string, first: Marker): boolean {
	const marker = body.slice(first.at, first.end);
	return /^\s*#{1,6}/.test(marker) || marker === marker.toUpperCase();
}
