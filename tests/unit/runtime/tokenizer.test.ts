import { describe, expect, it } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { loadTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { goldenJson } from '#tests/support/goldens.ts';

const CHATML =
	"{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}" +
	"{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
const json = goldenJson<object>('tokenizer/tokenizer.json');
const config = { eos_token: '<|im_end|>', chat_template: CHATML };
const tools = loadTokenizer(json, config);

describe('loadTokenizer', () => {
	it('reads the end-of-sequence token and its id', () => {
		expect(tools).toMatchObject({ eosToken: '<|im_end|>', eosTokenId: 2 });
	});

	it('survives the round trip, with spaces before punctuation', () => {
		const text = 'if (x >= 0 && y != null) { … } \n\t👍 naïve';
		expect(tools.tokenizer.decode(tools.tokenizer.encode(text))).toBe(text);
	});

	it('turns special tokens in the text into their ids, and can skip them when decoding', () => {
		const ids = tools.tokenizer.encode('<|im_start|>a<|im_end|>');
		expect(ids.at(0)).toBe(1);
		expect(ids.at(-1)).toBe(2);
		expect(tools.tokenizer.decode(ids)).toBe('<|im_start|>a<|im_end|>');
		expect(tools.tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('a');
	});

	it('accepts an empty text', () => {
		expect(tools.tokenizer.encode('')).toEqual([]);
		expect(tools.tokenizer.decode([])).toBe('');
		expect(tools.pieces([])).toEqual([]);
	});

	it('gives pieces that join to the text, a split character at its last id', () => {
		const text = 'Sort: kiwi 👍 date<|im_end|>\n';
		const ids = tools.tokenizer.encode(text);
		const pieces = tools.pieces(ids);
		expect(pieces).toHaveLength(ids.length);
		expect(pieces.join('')).toBe(text);
		expect(pieces.filter((piece) => piece.includes('👍'))).toHaveLength(1);
		expect(pieces.join('')).not.toContain('\uFFFD');
	});

	it('renders a chat with the model’s template', () => {
		const messages = [
			{ role: 'system', content: 'You help.' },
			{ role: 'user', content: 'Hi {{ x }} $& <b>' },
		] as const;
		expect(tools.renderChat(messages, true)).toBe(
			'<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\nHi {{ x }} $& <b><|im_end|>\n<|im_start|>assistant\n',
		);
		expect(tools.renderChat(messages, false)).not.toContain('assistant');
	});

	it('uses the default of several templates', () => {
		const several = [
			{ name: 'tool_use', template: 'no' },
			{ name: 'default', template: CHATML },
		];
		const loaded = loadTokenizer(json, { ...config, chat_template: several });
		expect(loaded.renderChat([{ role: 'user', content: 'a' }], false)).toBe(
			'<|im_start|>user\na<|im_end|>\n',
		);
	});

	it('gives no text for ids outside the vocabulary', () => {
		const [id = 0] = tools.tokenizer.encode('a');
		expect(tools.tokenizer.decode([99_999, id, -1])).toBe('a');
		expect(tools.pieces([99_999, id, -1])).toEqual(['', 'a', '']);
	});

	it('reports the template’s reason when it refuses messages', () => {
		const template = "{{ raise_exception('No system message') }}";
		const loaded = loadTokenizer(json, { ...config, chat_template: template });
		expect(() => loaded.renderChat([], true)).toThrow(/No system message/);
	});

	it.each([
		['no tokenizer', null, config, 'tokenizer-invalid'],
		['a page for a tokenizer', '<html>', config, 'tokenizer-invalid'],
		['an unknown kind of tokenizer', { model: { type: 'Telepathy' } }, config, 'tokenizer-invalid'],
		['no configuration', json, null, 'tokenizer-invalid'],
		['an end that is no token', json, { ...config, eos_token: '</never>' }, 'tokenizer-invalid'],
		['no template', json, { eos_token: '<|im_end|>' }, 'chat-template-missing'],
		['a broken template', json, { ...config, chat_template: '{% if' }, 'tokenizer-invalid'],
	])('refuses %s', (_name, tokenizer, given, code) => {
		let thrown: unknown;
		try {
			loadTokenizer(tokenizer, given);
		} catch (error) {
			thrown = error;
		}
		expect(thrown).toBeInstanceOf(FormatError);
		expect(thrown).toMatchObject({ code });
	});
});
