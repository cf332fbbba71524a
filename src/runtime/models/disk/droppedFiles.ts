/** The files of folders that were dropped on the page, with their paths. */
import { StorageError } from '#core/errors.ts';
import type { DiskFile } from './diskModel.ts';

/** A model's folder has hundreds of files; a whole disk that is dropped by mistake has millions. */
const MOST_FILES = 10_000;

/**
 * Call it in the event's own turn: the browser empties the list afterwards.
 *
 * @throws StorageError `dropped-too-many`, `file-unreadable`
 */
export async function droppedFiles(items: DataTransferItemList): Promise<readonly DiskFile[]> {
	const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
	const files: DiskFile[] = [];
	for (const entry of entries) await collect(entry, files);
	return files;
}

async function collect(entry: FileSystemEntry, files: DiskFile[]): Promise<void> {
	if (files.length >= MOST_FILES) throw tooMany();
	// `fullPath` starts with a slash.
	const path = entry.fullPath.slice(1);
	try {
		if (isFile(entry)) {
			const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
			files.push({ path, file });
			return;
		}
	} catch (cause) {
		throw new StorageError(`${path} cannot be read from disk.`, {
			code: 'file-unreadable',
			hint: 'Check that the browser may read the folder, then drop it again.',
			context: { path },
			cause,
		});
	}
	if (isFolder(entry)) for (const child of await childrenOf(entry)) await collect(child, files);
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
	const reader = folder.createReader();
	const children: FileSystemEntry[] = [];
	for (;;) {
		// Browsers give at most 100 entries a call.
		const more = await new Promise<FileSystemEntry[]>((resolve, reject) =>
			reader.readEntries(resolve, reject),
		);
		if (more.length === 0) return children;
		children.push(...more);
	}
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

function tooMany(): StorageError {
	return new StorageError(`The dropped folder has more than ${MOST_FILES} files.`, {
		code: 'dropped-too-many',
		hint: 'Drop the folder of one model: it holds config.json and the weights, or a GGUF file.',
	});
}
