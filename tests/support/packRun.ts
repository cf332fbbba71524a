import { exportSourceOf } from '#app/run/exportSource.ts';
import type { Session } from '#app/session.svelte.ts';
import { wholeRun } from '#core/exchange/exports/wholeRun.ts';

/** The bytes of the session's run as a file; null before any run. */
export async function packRun(session: Session): Promise<Uint8Array<ArrayBuffer> | null> {
	const source = exportSourceOf(session.run);
	const files = source === null ? [] : await wholeRun.write(source);
	const content = files[0]?.content ?? null;
	if (typeof content === 'string') throw new Error('A run file is bytes.');
	return content;
}
