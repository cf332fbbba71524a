/** The bytes of a file on disk. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { expectRange } from '#core/checkpoint/range.ts';
import { Cancelled, StorageError } from '#core/errors.ts';
import { readBlob } from '../byteStreams.ts';

/**
 * @param name path inside the chosen folder, for messages
 * @returns a source whose `read` throws StorageError `file-unreadable` if the file was moved, changed or deleted since it was chosen
 */
export function fileSource(file: Blob, name: string): ByteSource {
	return {
		name,
		size: file.size,
		async read(start, end, signal) {
			expectRange(name, file.size, start, end);
			if (signal?.aborted === true) throw new Cancelled();
			try {
				return await readBlob(file, start, end);
			} catch (cause) {
				throw new StorageError(`${name} cannot be read from disk any more.`, {
					code: 'file-unreadable',
					hint: 'The file was moved, changed or deleted since it was chosen. Choose the folder again.',
					context: { name },
					cause,
				});
			}
		},
	};
}
