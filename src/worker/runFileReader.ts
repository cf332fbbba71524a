/** The page's side of the run file worker. */
import { Cancelled, FormatError } from '#core/errors.ts';
import { RpcClient } from '#core/rpc/client.ts';
import type { MessageEnd } from '#core/rpc/messages.ts';
import type { ReadRun } from '#core/run/runFile.ts';
import type { RUN_FILE_CALLS } from './runFileCalls.ts';

/** A worker, as far as it is used here. */
export interface ReaderThread extends MessageEnd {
	terminate(): void;
}

/**
 * Reads a run file in a thread of its own, which ends afterwards and gives all its memory back.
 *
 * @throws like `readRunFile`, and FormatError `run-file-crashed` if the file takes more memory than a thread has
 */
export async function readInThread(
	start: () => ReaderThread,
	bytes: Uint8Array<ArrayBuffer>,
	source: string,
): Promise<ReadRun> {
	const thread = start();
	const rpc = new RpcClient<typeof RUN_FILE_CALLS>(thread, {
		terminate: () => thread.terminate(),
		crashed: (detail) => crashed(source, detail),
	});
	try {
		return await rpc.call('read', { bytes, source });
	} finally {
		if (rpc.closed === null) rpc.close(new Cancelled('The file was read.'));
	}
}

function crashed(source: string, detail: string): FormatError {
	return new FormatError(`Reading ${source} stopped: ${detail}.`, {
		code: 'run-file-crashed',
		hint: 'The open run is not affected. Reload the page and try again; if it happens again, the file takes too much memory.',
	});
}
