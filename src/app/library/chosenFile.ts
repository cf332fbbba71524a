/** Files that the user chose or dropped on the page. */
import { FormatError } from '#core/errors.ts';

export type ChosenFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

/**
 * The bytes of a chosen file.
 *
 * @throws FormatError `file-unreadable`, if the browser refuses them: for a folder, or a file that was moved or changed
 */
export async function bytesOfFile(
	file: Pick<ChosenFile, 'name' | 'arrayBuffer'>,
): Promise<Uint8Array<ArrayBuffer>> {
	try {
		return new Uint8Array(await file.arrayBuffer());
	} catch (cause) {
		throw new FormatError(`${file.name} cannot be read: the browser gets no bytes of it.`, {
			code: 'file-unreadable',
			hint: 'It may be a folder, or have been moved, changed or locked since you chose it. Choose a file, or choose it again.',
			cause,
		});
	}
}
