/** The text and the reasoning in a message of a chat reply, in the forms that servers use for content. */
import { isRecord } from '#core/format/record.ts';

export interface Content {
	/** The text of the reply; null if the message has none. */
	text: string | null;
	/** True if the message has reasoning besides. */
	reasoned: boolean;
}

const REASONING = ['reasoning_content', 'reasoning', 'reasoning_details', 'thinking', 'thought'];
/** Types of content parts that hold the model's reasoning and no reply. */
const THINKING_PART = /think|thought|reason|summary/i;

/** @param message a `message` or a `delta` */
export function readContent(message: unknown): Content {
	if (typeof message === 'string') return { text: message, reasoned: false };
	if (!isRecord(message)) return { text: null, reasoned: false };
	const parts = partsOf(message['content']);
	const texts = parts.flatMap((part) => textOf(part) ?? []);
	const refusal = message['refusal'];
	const text = texts.length > 0 ? texts.join('') : null;
	return {
		text: (text ?? '') === '' && typeof refusal === 'string' && refusal !== '' ? refusal : text,
		reasoned: REASONING.some((name) => isFilled(message[name])) || parts.some(isThinking),
	};
}

/** True if the content has a form that this module reads, or is absent. */
export function isReadable(content: unknown): boolean {
	return (
		content === undefined || content === null || typeof content === 'string' || typeof content === 'object'
	);
}

function partsOf(content: unknown): readonly unknown[] {
	if (content === undefined || content === null) return [];
	if (Array.isArray(content)) return content;
	const inner = isRecord(content) ? content['parts'] : undefined;
	return Array.isArray(inner) ? inner : [content];
}

function textOf(part: unknown): string | null {
	if (typeof part === 'string') return part;
	if (!isRecord(part) || isThinking(part)) return null;
	const { text, refusal } = part;
	if (typeof text === 'string') return text;
	if (isRecord(text) && typeof text['value'] === 'string') return text['value'];
	return typeof refusal === 'string' ? refusal : null;
}

function isThinking(part: unknown): boolean {
	if (!isRecord(part)) return false;
	const { type, thought } = part;
	return thought === true || (typeof type === 'string' && THINKING_PART.test(type));
}

function isFilled(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > 0;
	return typeof value === 'string' ? value !== '' : isRecord(value);
}
