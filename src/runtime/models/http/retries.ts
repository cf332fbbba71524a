/** Waits between the tries of a transfer. */
import { AppError } from '#core/errors.ts';
import { waitFor } from '../../wait.ts';

const RETRIED: ReadonlySet<string> = new Set([
	'model-unreachable',
	'model-cut-off',
	'model-stalled',
	'model-busy',
]);
/** Longest wait that a server may ask for; beyond it, the user decides when to try again. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** True for failures of the connection or the server that the next try may not meet. */
export function isPassing(error: unknown): boolean {
	return error instanceof AppError && RETRIED.has(error.code);
}

/**
 * Waits before the next try: `wait` milliseconds, or longer if the server asked for it.
 *
 * @param wait undefined after the last try
 * @throws `error` itself if there is no further try; Cancelled
 */
export async function waitOrThrow(
	error: unknown,
	wait: number | undefined,
	signal: AbortSignal,
): Promise<void> {
	const asked = error instanceof AppError ? error.context['retryAfterSeconds'] : null;
	const askedMs = typeof asked === 'number' ? asked * 1000 : 0;
	if (wait === undefined || askedMs > LONGEST_RETRY_AFTER_MS) throw error;
	await waitFor(Math.max(wait, askedMs), signal);
}
