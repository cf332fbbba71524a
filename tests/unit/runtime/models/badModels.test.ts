/**
 * Faulty models from disk: each is refused by name, before the numbers are read if the headers show it, and leaves no model
 * behind. The readers' own tests have more cases of each.
 */
import { expect, test } from 'vitest';
import { ComputeModel } from '#compute/computeModel.ts';
import type { ModelPlace } from '#core/model/keeper.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { KeptStore } from '#runtime/models/kept/keptStore.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { openBackend } from '#tests/support/backends.ts';
import { allAnswered } from '#tests/support/replies.ts';
import { ggufTensors, TINY_CONFIG, TINY_METADATA, tinyNumbers } from '#tests/support/tinyCheckpoints.ts';
import { writeGguf, type GgufField } from '#tests/support/checkpointFiles.ts';
import { tinyFolder, tinyGgufFile, tinySplitFolder, type TinyFile } from '#tests/support/tinyModel.ts';
import { Caches } from './caches.ts';

const never = new AbortController().signal;

function changed(files: readonly TinyFile[], name: string, file: Blob): readonly TinyFile[] {
	return files.map((one) => (one.path.endsWith(name) ? { ...one, file } : one));
}

const json = (value: unknown): Blob => new Blob([JSON.stringify(value)]);

function gguf(metadata: Readonly<Record<string, GgufField>>): readonly TinyFile[] {
	const bytes = writeGguf({ ...TINY_METADATA, ...metadata }, ggufTensors(tinyNumbers()));
	return [{ path: 'tiny-F32.gguf', file: new Blob([bytes]) }];
}

function cut(files: readonly TinyFile[], name: string): readonly TinyFile[] {
	const whole = files.find(({ path }) => path.endsWith(name));
	return changed(files, name, whole?.file.slice(0, whole.file.size - 40) ?? new Blob());
}

function swapped(files: readonly TinyFile[]): readonly TinyFile[] {
	const [first, second] = files.filter(({ path }) => path.endsWith('.safetensors'));
	return files.map((one) => {
		const file = one === first ? second?.file : one === second ? first?.file : one.file;
		return { ...one, file: file ?? one.file };
	});
}

/** A folder in MLC's form, with the bytes of one shard in place of another of the same length. */
async function mlcFolder(damage: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) {
	const cache = openFileCache(new Caches());
	const disk: ModelPlace = { kind: 'disk', files: [tinyGgufFile()] };
	const { source } = await new LocalModelKeeper({ cache }).keep(disk, 'F32', () => undefined).finished;
	const files: TinyFile[] = [];
	for (const scope of ['webllm/model', 'webllm/config'])
		for (const key of await cache.keys(scope)) {
			const path = key.slice(key.lastIndexOf('/') + 1);
			const bytes = (await cache.read(scope, key))?.bytes ?? new Uint8Array();
			if (key.includes(encodeURIComponent(source.id)) && path !== 'manifest.json')
				files.push({ path, file: new Blob([path.endsWith('.bin') ? damage(bytes) : bytes]) });
		}
	return [...new Map(files.map((file) => [file.path, file])).values()];
}

const THROWS = "{{ raise_exception('Only with tools.') }}";

test.each<[name: string, files: readonly TinyFile[], code: string, message: RegExp]>([
	[
		'an architecture that is not of the family',
		changed(tinyFolder(), '/config.json', json({ ...TINY_CONFIG, model_type: 'gemma3' })),
		...(['model-unsupported', /model_type is "gemma3"/] as const),
	],
	[
		'a GGUF file of another architecture',
		gguf({ 'general.architecture': { text: 'mamba' } }),
		...(['gguf-unsupported', /mamba/] as const),
	],
	[
		'a GGUF file of more tokens than its embedding has rows',
		gguf({
			'tokenizer.ggml.tokens': { texts: ['<|end|>', '<|user|>', ...'abcdefgh'.split('')] },
			'tokenizer.ggml.token_type': { ints: [3, 3, 1, 1, 1, 1, 1, 1, 1, 1] },
			'tokenizer.ggml.merges': { texts: [] },
		}),
		...(['tokenizer-vocab', /has the token 9; the model ends at its vocab_size 8/] as const),
	],
	[
		'a GGUF file that is cut off',
		cut([tinyGgufFile('tiny-F32.gguf')], '.gguf'),
		...(['gguf-truncated', /the file has only/] as const),
	],
	[
		'a number type of GGUF that cannot be read',
		[
			{
				path: 'tiny-IQ2_XS.gguf',
				file: new Blob([
					writeGguf(
						TINY_METADATA,
						ggufTensors(tinyNumbers()).map((tensor) => ({ ...tensor, type: 17 })),
					),
				]),
			},
		],
		...(['gguf-type-unsupported', /stored as IQ2_XS, which cannot be read/] as const),
	],
	[
		'a chat template that throws',
		changed(tinyFolder(), 'tokenizer_config.json', json({ eos_token: '<|end|>', chat_template: THROWS })),
		...(['chat-template-failed', /Only with tools/] as const),
	],
	[
		'a chat template of a GGUF file that throws',
		gguf({ 'tokenizer.chat_template': { text: THROWS } }),
		...(['chat-template-failed', /Only with tools/] as const),
	],
])('%s is refused at the first look', async (_name, files, code, message) => {
	const cache = openFileCache(new Caches());
	const look = await new LocalModelKeeper({ cache }).inspect({ kind: 'disk', files }, null, never);
	expect(look.refusal).toMatchObject({ code, message: expect.stringMatching(message) as string });
	expect(look.config).toBeNull();
});

test.each<[name: string, files: () => Promise<readonly TinyFile[]>, code: string, message: RegExp]>([
	[
		'a tokenizer of a larger vocabulary',
		() => {
			const tokenizer = tinyFolder().find(({ path }) => path.endsWith('/tokenizer.json'));
			const more = async (): Promise<Blob> => {
				const parsed = JSON.parse((await tokenizer?.file.text()) ?? '') as { added_tokens: object[] };
				return json({ ...parsed, added_tokens: [...parsed.added_tokens, { id: 99, content: '<x>' }] });
			};
			return more().then((file) => changed(tinyFolder(), '/tokenizer.json', file));
		},
		...(['tokenizer-vocab', /has the token 99/] as const),
	],
	[
		'a file of safetensors that is cut off',
		() => Promise.resolve(cut(tinyFolder(), '.safetensors')),
		...(['safetensors-invalid', /model.safetensors/] as const),
	],
	[
		'two files of safetensors that are swapped',
		() => Promise.resolve(swapped(tinySplitFolder())),
		...(['checkpoint-index', /places “.*” in model-00001-of-00002.safetensors, which does not/] as const),
	],
	[
		'a shard of MLC’s that is cut off',
		() => mlcFolder((bytes) => bytes.slice(0, -40)),
		...(['shard-truncated', /params_shard_0.bin/] as const),
	],
	[
		'a shard of MLC’s with other bytes',
		() => mlcFolder((bytes) => bytes.toReversed()),
		...(['shard-hash-mismatch', /params_shard_0.bin is damaged/] as const),
	],
])('%s is refused, and no model is listed', async (_name, made, code, message) => {
	const files = await made();
	const cache = openFileCache(new Caches());
	const keeper = new LocalModelKeeper({ cache });
	const place: ModelPlace = { kind: 'disk', files };
	const { form } = await keeper.inspect(place, null, never);
	await expect(keeper.keep(place, form, () => undefined).finished).rejects.toMatchObject({
		code,
		message: expect.stringMatching(message) as string,
	});
	expect((await new KeptStore(cache).shelf()).kept).toEqual([]);
});

test('a model whose chats WebLLM cannot build answers in the compute engine', async () => {
	const cache = openFileCache(new Caches());
	const template = "{% for m in messages %}{{ m['content'] + m['content'] }}<|end|>{% endfor %}";
	const place: ModelPlace = { kind: 'disk', files: gguf({ 'tokenizer.chat_template': { text: template } }) };
	const { source } = await new LocalModelKeeper({ cache }).keep(place, 'F32', () => undefined).finished;
	const files = await loadModelFiles(source, () => undefined, never, { cache });
	expect(files.chatConfig).toMatchObject({ conv_template: { stop_token_ids: [0] } });
	const device = await openBackend('wasm');
	const model = await ComputeModel.load(files, device);
	const request = {
		prompts: [[{ role: 'user' as const, content: 'ab' }]],
		sampling: { ...DEFAULT_RECIPE.sampling, maxTokens: 4 },
		adapter: null,
		strength: 0,
	};
	const replies = allAnswered(await model.generate(request, null, () => undefined, never));
	expect(replies).toHaveLength(1);
	model.dispose();
	device.close();
});
