import { describe, expect, test } from 'vitest';
import { DEFAULT_HUB, readHub, readHubAddress } from '#runtime/models/hub/address.ts';

const NAME = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const plain = { hub: DEFAULT_HUB, repository: NAME, revision: null, file: null, quantization: null };

describe('a repository', () => {
	test.each([
		NAME,
		`  ${NAME}\n`,
		`"${NAME}"`,
		`<https://huggingface.co/${NAME}>`,
		`\u200b${NAME}`,
		`https://huggingface.co/${NAME}`,
		`http://www.huggingface.co/${NAME}/`,
		`huggingface.co/${NAME}`,
		`hf.co/${NAME}?library=transformers#usage`,
		`hf://${NAME}`,
		`HF://${NAME}`,
		`https://https://huggingface.co/${NAME}`,
		`https://huggingface.co/${NAME}/discussions/3`,
		`https://huggingface.co/${NAME}/tree`,
		`https://huggingface.co/api/models/${NAME}`,
		`https://huggingface.co/${NAME}.`,
		`https://huggingface.co/${NAME}.git`,
		`git@hf.co:${NAME}.git`,
		`git clone https://huggingface.co/${NAME}`,
		`hf download ${NAME} --local-dir model`,
		`[SmolLM2](https://huggingface.co/${NAME})`,
		`AutoModel.from_pretrained('${NAME}')`,
	])('%s', (text) => {
		expect(readHubAddress(text)).toEqual(plain);
	});

	test.each([
		[`${NAME}@v1.0`, { revision: 'v1.0' }],
		[`https://huggingface.co/${NAME}/tree/refs%2Fpr%2F1`, { revision: 'refs/pr/1' }],
		[`https://huggingface.co/${NAME}/tree/refs/pr/1/sub`, { revision: 'refs/pr/1' }],
		[`https://huggingface.co/${NAME}/tree/main/onnx`, { revision: 'main' }],
		[`https://huggingface.co/${NAME}/blob/main/a/b%20c.gguf`, { revision: 'main', file: 'a/b c.gguf' }],
		[
			`https://huggingface.co/${NAME}/resolve/main/x.gguf?download=true`,
			{ revision: 'main', file: 'x.gguf' },
		],
		[`https://huggingface.co/${NAME}/commit/${'a'.repeat(40)}`, { revision: 'a'.repeat(40) }],
		[`hf.co/${NAME}:Q4_K_M`, { quantization: 'Q4_K_M' }],
		['gpt2', { repository: 'gpt2' }],
		['https://huggingface.co/gpt2/tree/main', { repository: 'gpt2', revision: 'main' }],
	])('%s', (text, parts) => {
		expect(readHubAddress(text)).toEqual({ ...plain, ...parts });
	});

	test.each([
		['a name at a mirror', NAME, 'https://hub.example/', 'https://hub.example'],
		[
			'a page of the public hub at a mirror',
			`https://huggingface.co/${NAME}`,
			'https://hub.example',
			'https://hub.example',
		],
		[
			'a page of the mirror under a path',
			`https://x.example/hf/${NAME}`,
			'x.example/hf',
			'https://x.example/hf',
		],
		['a page of another server', `https://other.example/${NAME}`, DEFAULT_HUB, 'https://other.example'],
		[
			'a page of another server, without a scheme',
			`other.example/${NAME}`,
			DEFAULT_HUB,
			'https://other.example',
		],
		['a server of one’s network', `http://10.0.0.5:8080/${NAME}`, DEFAULT_HUB, 'http://10.0.0.5:8080'],
	])('%s', (_name, text, hub, expected) => {
		expect(readHubAddress(text, hub)).toEqual({ ...plain, hub: expected });
	});
});

describe('refused', () => {
	test.each([
		['', 'hub-address'],
		['a b/c', 'hub-address'],
		['../x', 'hub-address'],
		['owner/..', 'hub-address'],
		['owner/na..me', 'hub-address'],
		['owner/name@../../x', 'hub-address'],
		['owner/name@a b', 'hub-address'],
		['https://', 'hub-address'],
		['file:///etc/passwd', 'hub-address'],
		['x'.repeat(1000), 'hub-address'],
		['https://huggingface.co/datasets/owner/name', 'hub-not-model'],
		['https://huggingface.co/spaces/owner/name', 'hub-not-model'],
		['https://huggingface.co/models?search=smollm2', 'hub-not-model'],
		['huggingface.co/models?pipeline_tag=text-generation&sort=trending', 'hub-not-model'],
		['https://huggingface.co/search/full-text?q=smollm2', 'hub-not-model'],
	])('%s', (text, code) => {
		expect(() => readHubAddress(text)).toThrow(
			expect.objectContaining({ code, hint: expect.stringMatching(/owner\/name/) as unknown }) as Error,
		);
	});

	test('a hub that is no address', () => {
		expect(() => readHub('https://')).toThrow(expect.objectContaining({ code: 'hub-address' }) as Error);
		expect(readHub('HTTPS://Hub.Example/x//')).toBe('https://hub.example/x');
	});
});
