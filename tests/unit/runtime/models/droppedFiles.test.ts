import { expect, test } from 'vitest';
import { droppedFiles } from '#runtime/models/disk/droppedFiles.ts';

interface Entry {
	isFile: boolean;
	isDirectory: boolean;
	fullPath: string;
}

const file = (fullPath: string, fails = false): Entry => ({
	isFile: true,
	isDirectory: false,
	fullPath,
	...{
		file: (resolve: (file: File) => void, reject: (error: unknown) => void): void =>
			fails ? reject(new DOMException('', 'NotReadableError')) : resolve(new File(['x'], fullPath)),
	},
});
/** Gives its entries in several calls, as browsers do for large folders. */
const folder = (fullPath: string, ...children: Entry[]): Entry => ({
	isFile: false,
	isDirectory: true,
	fullPath,
	...{
		createReader: () => {
			const left = [...children];
			return { readEntries: (resolve: (entries: Entry[]) => void): void => resolve(left.splice(0, 2)) };
		},
	},
});
const dropped = (...entries: (Entry | null)[]) =>
	droppedFiles(
		entries.map((entry) => ({ webkitGetAsEntry: () => entry })) as unknown as DataTransferItemList,
	);

test('files of folders in folders have their paths; a dropped text is left out', async () => {
	const sub = folder('/m/onnx', file('/m/onnx/a.onnx'));
	const files = await dropped(
		folder('/m', file('/m/config.json'), file('/m/a.safetensors'), sub),
		null,
		file('/b.gguf'),
	);
	expect(files.map(({ path }) => path)).toEqual([
		'm/config.json',
		'm/a.safetensors',
		'm/onnx/a.onnx',
		'b.gguf',
	]);
});

test('a file that cannot be read, and a disk that was dropped by mistake, are named', async () => {
	await expect(dropped(folder('/m', file('/m/a', true)))).rejects.toMatchObject({
		code: 'file-unreadable',
		message: 'm/a cannot be read from disk.',
	});
	const many = Array.from({ length: 10_001 }, (_, i) => file(`/m/${i}`));
	await expect(dropped(folder('/m', ...many))).rejects.toMatchObject({ code: 'dropped-too-many' });
});
