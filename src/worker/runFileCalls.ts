/** The one call of the run file worker. */
import { callsOf } from '#core/rpc/call.ts';
import type { readRunFile } from '#core/run/runFile.ts';
import { type ReadRun } from '#core/run/runFile.ts';
import { adapterBuffers } from './transfer.ts';

export interface RunFileReader {
	read: typeof readRunFile;
}

const call = callsOf<RunFileReader>();

export const RUN_FILE_CALLS = {
	read: call(
		({ read }, { bytes, source }: { bytes: Uint8Array<ArrayBuffer>; source: string }): Promise<ReadRun> =>
			read(bytes, source),
		{ output: ({ adapters }) => adapters.flatMap((adapter) => adapterBuffers(adapter)) },
	),
};
