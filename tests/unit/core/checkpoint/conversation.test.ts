/** WebLLM's conversation templates from chat templates: the same text as the chat template, and the same ids. */
import { Template } from '@huggingface/jinja';
import { describe, expect, test } from 'vitest';
import {
	chatWords,
	conversationTemplate,
	type ChatWords,
	type RenderChat,
} from '#core/checkpoint/convert/conversation.ts';
import type { Message } from '#core/output/output.ts';

const CHATML =
	"{% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system\nBe kind<|im_end|>\n{% endif %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const LLAMA3 =
	'<|begin|>{% for m in messages %}<|header|>{{ m.role }}<|/header|>\n\n{{ m.content | trim }}<|eot|>{% endfor %}{% if add_generation_prompt %}<|header|>assistant<|/header|>\n\n{% endif %}';
const ZEPHYR =
	'{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}</s>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}';
const LLAMA2 =
	"{% for m in messages %}{% if m.role == 'user' %}<s>[INST] {{ m.content }} [/INST]{% else %}{{ m.content }}</s>{% endif %}{% endfor %}";

const render =
	(source: string): RenderChat =>
	(messages, add_generation_prompt) =>
		new Template(source).render({ messages, add_generation_prompt });

function wordsOf(template: string): ChatWords {
	const words = chatWords(render(template));
	if (words === null) throw new Error('no words');
	return words;
}

interface Conversation {
	system_template: string;
	system_message: string;
	add_role_after_system_message: boolean;
	roles: Record<string, string>;
	role_content_sep: string;
	role_empty_sep: string;
	seps: string[];
}

/** The texts that WebLLM encodes one by one (getPromptArrayInternal of its conversation.ts). */
function promptParts(conversation: Conversation, messages: readonly Message[]): string[] {
	const { roles, role_content_sep, role_empty_sep, seps } = conversation;
	const system = conversation.system_template.replace('{system_message}', conversation.system_message);
	const parts = messages.map(({ role, content }, i) => {
		const omits = !conversation.add_role_after_system_message && system !== '' && i === 0;
		const opening = omits ? '' : `${roles[role] ?? ''}${role_content_sep}`;
		return `${opening}${content}${seps[i % seps.length] ?? ''}`;
	});
	return [...(system === '' ? [] : [system]), ...parts, `${roles['assistant'] ?? ''}${role_empty_sep}`];
}

const QUESTION: Message[] = [{ role: 'user', content: 'Hi {there} $1?' }];
const CHAT: Message[] = [
	...QUESTION,
	{ role: 'assistant', content: 'Yes.' },
	{ role: 'user', content: 'More' },
	{ role: 'assistant', content: 'No.' },
	{ role: 'user', content: 'Why' },
];

describe.each<[name: string, template: string, special: string[]]>([
	['ChatML with a default system message', CHATML, ['<|im_start|>', '<|im_end|>']],
	['Llama 3', LLAMA3, ['<|begin|>', '<|header|>', '<|/header|>', '<|eot|>']],
	['Zephyr', ZEPHYR, ['<s>', '</s>']],
	['Llama 2', LLAMA2, ['<s>', '</s>']],
])('%s', (_name, template, special) => {
	const words = wordsOf(template);
	test.each([false, true])('gives the text of the chat template; in one text: %s', (prependsSpace) => {
		const conversation = conversationTemplate(words, special, prependsSpace) as Conversation;
		for (const messages of [QUESTION, CHAT]) {
			expect(promptParts(conversation, messages).join('')).toBe(render(template)(messages, true));
		}
	});
});

test('a text is divided at special tokens only', () => {
	const words = wordsOf(LLAMA3);
	const conversation = conversationTemplate(words, ['<|header|>', '<|eot|>'], false) as Conversation;
	expect(promptParts(conversation, QUESTION)).toEqual([
		'<|begin|><|header|>user<|/header|>\n\n',
		'Hi {there} $1?<|eot|>',
		'<|header|>assistant<|/header|>\n\n',
	]);
});

test('a tokenizer that puts a space before every text gets one text', () => {
	const conversation = conversationTemplate(wordsOf(ZEPHYR), ['</s>'], true) as Conversation;
	expect(promptParts(conversation, QUESTION)).toEqual(['<|user|>\nHi {there} $1?</s>\n<|assistant|>\n', '']);
});

test('a template of one turn is taken', () => {
	const one =
		"{% if messages|length > 1 %}{{ raise_exception('one turn') }}{% endif %}Q: {{ messages[0].content }} A:";
	expect(chatWords(render(one))).toEqual({ before: 'Q: ', toAnswer: ' A:', toUser: 'Q: ' });
});

test.each([
	['changes the text', '<|user|>{{ messages[0].content | upper }}'],
	['repeats the text', '<|user|>{{ messages[0].content }}{{ messages[0].content }}'],
	['starts with the text', '{{ messages[0].content }}'],
])('a template that %s has no words around it', (_name, template) => {
	expect(chatWords(render(template))).toBeNull();
});
