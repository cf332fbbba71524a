/**
 * WebLLM's conversation template, derived from the model's chat template: renders chats of marked texts and takes
 * the words between the marks, so that it holds for ChatML, Llama 3, Zephyr and others, with the model's default
 * system message.
 */
import { isRecord } from '../../format/record.ts';
import type { Message } from '../../output/output.ts';

/** Renders messages with the model's chat template; throws if the template refuses them. */
export type RenderChat = (messages: readonly Message[], addGenerationPrompt: boolean) => string;

/** The words that a chat template puts around texts. */
export interface ChatWords {
	/** Before the first user's text, with a default system message. */
	before: string;
	/** Between the last user's text and the answer. */
	toAnswer: string;
	/** Between an answer and the next user's text. */
	toUser: string;
}

const USER = 'uQ7x1first';
const ANSWER = 'aQ7x2answer';
const NEXT_USER = 'uQ7x3second';

/**
 * Null if the template changes the user's text, repeats it or begins with it: WebLLM cannot build such chats.
 *
 * @throws FormatError `chat-template-…` of `renderChat`
 */
export function chatWords(renderChat: RenderChat): ChatWords | null {
	const one = renderChat([{ role: 'user', content: USER }], true).split(USER);
	const [before = '', toAnswer = ''] = one;
	if (one.length !== 2 || before === '') return null;
	return { before, toAnswer, toUser: wordsToUser(renderChat) ?? before };
}

/** False if WebLLM cannot build the chats of a converted model; of its parsed `mlc-chat-config.json`. */
export function hasConversation(chatConfig: unknown): boolean {
	const template = isRecord(chatConfig) ? chatConfig['conv_template'] : null;
	return !isRecord(template) || template['roles'] !== undefined;
}

/** Null if the template has no such turn, or changes its texts. */
export function wordsToUser(renderChat: RenderChat): string | null {
	const turns: Message[] = [
		{ role: 'user', content: USER },
		{ role: 'assistant', content: ANSWER },
		{ role: 'user', content: NEXT_USER },
	];
	try {
		const text = renderChat(turns, true);
		const start = text.indexOf(ANSWER);
		const end = text.indexOf(NEXT_USER);
		return start !== -1 && start < end ? text.slice(start + ANSWER.length, end) : null;
	} catch {
		// Some templates refuse further turns; the first turn is unaffected.
		return null;
	}
}

/** Fields of `conv_template` that depend on the chat template. */
interface Turns {
	system_template: string;
	add_role_after_system_message: boolean;
	user: string;
	assistant: string;
	seps: readonly [afterUser: string, afterAnswer: string];
}

/**
 * WebLLM encodes the system prompt, every message and the opening of the answer one by one.
 *
 * @param specialTokens texts that are tokens of their own, at which a text can be divided without changing its ids
 * @param prependsSpace true if the tokenizer changes the start of every text that it encodes
 */
export function conversationTemplate(
	words: ChatWords,
	specialTokens: readonly string[],
	prependsSpace: boolean,
): object {
	const turns = prependsSpace ? turnsInOneText(words) : turnsInParts(words, specialTokens);
	return {
		name: 'chat-template-anchorage',
		system_template: turns.system_template,
		system_message: '',
		add_role_after_system_message: turns.add_role_after_system_message,
		roles: { user: turns.user, assistant: turns.assistant, tool: turns.user },
		role_templates: { user: '{user_message}', assistant: '{assistant_message}', tool: '{tool_message}' },
		role_content_sep: '',
		role_empty_sep: '',
		seps: turns.seps,
		messages: [],
		stop_str: [],
		function_string: '',
		use_function_calling: false,
	};
}

/**
 * In a running conversation WebLLM feeds the new turn only, and never the end token of the previous answer, which
 * it sampled. Therefore the next user's turn starts with that token; the opening of the first turn is the system
 * prompt, after which WebLLM omits the role.
 */
function turnsInParts({ before, toAnswer, toUser }: ChatWords, specialTokens: readonly string[]): Turns {
	const cut = lastStart(toAnswer, specialTokens);
	return {
		system_template: `{system_message}${before}`,
		add_role_after_system_message: false,
		user: toUser,
		assistant: toAnswer.slice(cut),
		seps: [toAnswer.slice(0, cut), ''],
	};
}

/** Encodes a turn as one text, because the tokenizer would put a space before each of its parts. */
function turnsInOneText({ before, toAnswer, toUser }: ChatWords): Turns {
	let shared = 0;
	const most = Math.min(before.length, toUser.length);
	while (shared < most && before.at(-1 - shared) === toUser.at(-1 - shared)) shared++;
	return {
		system_template: `{system_message}${before.slice(0, before.length - shared)}`,
		add_role_after_system_message: true,
		user: before.slice(before.length - shared),
		assistant: '',
		seps: [toAnswer, toUser.slice(0, toUser.length - shared)],
	};
}

/** Start of the last special token, if it is not the text's start; otherwise the text's end. */
function lastStart(text: string, specialTokens: readonly string[]): number {
	const last = Math.max(0, ...specialTokens.map((token) => text.lastIndexOf(token)));
	return last === 0 ? text.length : last;
}
