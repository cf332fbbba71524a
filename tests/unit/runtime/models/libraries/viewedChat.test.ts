import { expect, test } from 'vitest';
import { viewedChat } from '#runtime/models/libraries/viewedChat.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { CHAT_TEMPLATE, TINY_TOKENIZER } from '#tests/support/tinyCheckpoints.ts';

const FILES = {
	chatConfig: {
		temperature: 0.6,
		context_window_size: 4096,
		sliding_window_size: 1024,
		conv_template: {
			name: 'smollm',
			system_template: 'You are nice.{system_message}',
			stop_token_ids: [0, 7],
		},
	},
	tokenizerJson: TINY_TOKENIZER,
	tokenizerConfig: { eos_token: '<|end|>', chat_template: CHAT_TEMPLATE },
};

test('chats have the words of the model’s own template, the folder’s stop tokens and the library’s limits', () => {
	expect(viewedChat(FILES, SMALL_MODEL, { contextWindow: 64, prefillChunk: 32 })).toMatchObject({
		temperature: 0.6,
		conv_template: {
			system_template: '{system_message}<|user|>',
			roles: { user: '<|end|><|user|>' },
			stop_token_ids: [0, 7],
		},
		...{ context_window_size: 64, prefill_chunk_size: 32, sliding_window_size: -1 },
		tokenizer_files: ['tokenizer.json'],
	});
	const long = viewedChat(
		FILES,
		{ ...SMALL_MODEL, maxPositions: 16 },
		{ contextWindow: 64, prefillChunk: 32 },
	);
	expect(long).toMatchObject({ context_window_size: 16 });
});

test('there is none if the template repeats the user’s text', () => {
	const chat_template = "{{ messages[0]['content'] }}{{ messages[0]['content'] }}";
	const irregular = { ...FILES, tokenizerConfig: { eos_token: '<|end|>', chat_template } };
	expect(viewedChat(irregular, SMALL_MODEL, { contextWindow: 64, prefillChunk: 32 })).toBeNull();
});
