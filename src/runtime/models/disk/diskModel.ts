/** A model from files on disk: a chosen folder, or files that were dropped on the page. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { expectForms, type ModelForm } from '#core/checkpoint/modelForms.ts';
import { FormatError } from '#core/errors.ts';
import { foreignFile } from '#core/format/foreignFile.ts';
import { fileSource } from './fileSource.ts';

/** A file with its path inside the chosen folder; a file that was dropped alone has its name. */
export interface DiskFile {
	path: string;
	file: Blob;
}

export interface DiskModel {
	/** Name of the folder, or of the only file. */
	name: string;
	files: ReadonlyMap<string, ByteSource>;
	/** At least one; GGUF files are one form each. */
	forms: readonly ModelForm[];
}

/** Bytes that show a pointer of Git LFS or a web page in place of a file. */
const HEAD_BYTES = 64;
/** Such files are small. */
const MOST_FOREIGN_BYTES = 2 ** 16;

/**
 * @throws FormatError `model-form-unknown` if the files are no model, `model-file-foreign` if a file of weights is a pointer of Git
 *   LFS or a web page; StorageError `file-unreadable`
 */
export async function openDiskModel(chosen: readonly DiskFile[]): Promise<DiskModel> {
	const { name, files } = withoutRoot(chosen.filter(({ path }) => !isHidden(path)));
	const sources = new Map(files.map(({ path, file }) => [path, fileSource(file, path)]));
	const forms = expectForms(
		files.map(({ path, file }) => ({ path, size: file.size })),
		name,
	);
	for (const path of new Set(forms.flatMap(({ paths }) => paths))) await expectNoPointer(sources.get(path));
	return { name, files: sources, forms };
}

/** `File.webkitRelativePath` of a folder picker; the name for files that were chosen one by one. */
export function chosenFiles(files: Iterable<File>): readonly DiskFile[] {
	return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files that systems and Git add to folders. */
function isHidden(path: string): boolean {
	return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db');
}

/** Paths inside the folder that all files share; its name is the model's. */
function withoutRoot(files: readonly DiskFile[]): { name: string; files: readonly DiskFile[] } {
	const [first] = files;
	if (first === undefined) return { name: 'The folder', files };
	const root = first.path.slice(0, first.path.indexOf('/') + 1);
	if (root !== '' && files.every(({ path }) => path.startsWith(root)))
		return {
			name: root.slice(0, -1),
			files: files.map(({ path, file }) => ({ path: path.slice(root.length), file })),
		};
	return { name: files.length === 1 ? first.path : 'The folder', files };
}

async function expectNoPointer(source: ByteSource | undefined): Promise<void> {
	if (source === undefined || source.size > MOST_FOREIGN_BYTES) return;
	const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
	const isText = head.length > 0 && head.every((byte) => byte > 0 && byte < 0x80);
	const foreign = isText ? foreignFile(head) : null;
	if (foreign === null) return;
	throw new FormatError(`${source.name} is ${foreign.name}.`, {
		code: 'model-file-foreign',
		hint: foreign.hint,
		context: { file: source.name },
	});
}
