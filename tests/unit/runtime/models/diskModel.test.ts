import { describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import { chosenFiles, openDiskModel } from '#runtime/models/disk/diskModel.ts';
import { fileSource } from '#runtime/models/disk/fileSource.ts';

const files = (...entries: [path: string, content: string][]) =>
	entries.map(([path, content]) => ({ path, file: new Blob([content]) }));

describe('openDiskModel', () => {
	it('recognises a folder by the same rules as a repository, without the folder’s own name', async () => {
		const model = await openDiskModel(
			files(
				['SmolLM2/config.json', '{}'],
				['SmolLM2/model.safetensors', '\0weights'],
				['SmolLM2/.git/config', 'x'],
				['SmolLM2/.DS_Store', 'x'],
				['SmolLM2/onnx/model.onnx', 'x'],
			),
		);
		expect(model.name).toBe('SmolLM2');
		expect(model.forms).toMatchObject([{ kind: 'safetensors', paths: ['config.json', 'model.safetensors'] }]);
		expect([...model.files.keys()]).toEqual(['config.json', 'model.safetensors', 'onnx/model.onnx']);
		const weights = model.files.get('model.safetensors');
		expect([weights?.name, weights?.size]).toEqual(['model.safetensors', 8]);
		expect(new TextDecoder().decode(await weights?.read(1, 4))).toBe('wei');
	});

	it('takes a single GGUF file, named by itself', async () => {
		const model = await openDiskModel(files(['tiny-Q8_0.gguf', 'GGUF\x03\0\0\0']));
		expect(model.name).toBe('tiny-Q8_0.gguf');
		expect(model.forms).toMatchObject([{ kind: 'gguf', quantization: 'Q8_0' }]);
	});

	it('says what a folder without a model holds', async () => {
		await expect(openDiskModel(files(['a/x.txt', 'x']))).rejects.toMatchObject({
			code: 'model-form-unknown',
			message: 'a holds no model that can be loaded here: it has 1 .txt.',
		});
		await expect(openDiskModel([])).rejects.toMatchObject({ code: 'model-form-unknown' });
	});

	it.each([
		[
			'a Git LFS pointer',
			'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n',
			/git lfs pull/,
		],
		['a web page', '<!doctype html><title>Sign in', /resolve/],
	])('names %s in place of the weights', async (_name, content, hint) => {
		await expect(
			openDiskModel(files(['m/config.json', '{}'], ['m/model.safetensors', content])),
		).rejects.toMatchObject({
			code: 'model-file-foreign',
			message: expect.stringContaining('model.safetensors is') as unknown,
			hint: expect.stringMatching(hint) as unknown,
		});
	});

	it('reads the paths of a folder picker', () => {
		const inFolder = Object.defineProperty(new File(['x'], 'a.gguf'), 'webkitRelativePath', {
			value: 'm/a.gguf',
		});
		const alone = Object.defineProperty(new File(['x'], 'b.gguf'), 'webkitRelativePath', { value: '' });
		expect(chosenFiles([inFolder, alone]).map(({ path }) => path)).toEqual(['m/a.gguf', 'b.gguf']);
	});
});

describe('fileSource', () => {
	const source = fileSource(new Blob(['0123456789']), 'a.gguf');

	it('reads any range of the file', async () => {
		expect(new TextDecoder().decode(await source.read(3, 6))).toBe('345');
		expect(await source.read(10, 10)).toHaveLength(0);
	});

	it.each([
		[-1, 2],
		[3, 2],
		[0, 11],
		[0.5, 1],
	])('refuses %d to %d, naming the file', async (from, to) => {
		await expect(source.read(from, to)).rejects.toMatchObject({
			code: 'bytes-outside',
			message: expect.stringContaining('a.gguf has 10 bytes') as unknown,
		});
	});

	it('stops with the signal', async () => {
		await expect(source.read(0, 1, AbortSignal.abort())).rejects.toBeInstanceOf(Cancelled);
	});

	it('names a file that is gone from disk', async () => {
		const gone = Object.assign(new Blob(['x']), {
			slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')) }),
		});
		await expect(fileSource(gone, 'a.gguf').read(0, 1)).rejects.toMatchObject({ code: 'file-unreadable' });
	});
});
