/** Retries temporary failures after a delay. */
import { RemoteError } from '#core/errors.ts';
import { hash32 } from '#core/math/hash.ts';
import type { Retry } from '#core/ports.ts';
import { waitFor } from '../wait.ts';

/** Failures that a second attempt can repair, unlike a refused key or a wrong name. */
const PASSING = new Set([
	'endpoint-unreachable',
	'endpoint-timeout',
	'endpoint-cut-off',
	'endpoint-rate-limited',
	'endpoint-busy',
	'endpoint-server-error',
]);

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** Longest delay to wait; if a server asks for more, the request fails at once. */
const LONGEST_RETRY_AFTER_MS = 120_000;

export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface RetryOptions {
	/** Number of retries after the first attempt; asked after each failure. */
	maxRetries: (error: RemoteError) => number;
	signal: AbortSignal;
	wait?: Wait;
	/** Called before each wait. */
	onRetry?: ((retry: Retry) => void) | undefined;
	/** Spreads the delays of rows that failed together; the same label always gives the same delay. */
	label: string;
}

/**
 * Calls `attempt` until it succeeds, fails permanently, or the retries are used up. The delay is the server's
 * Retry-After; otherwise 0.5 s, doubled for each retry up to 8 s, reduced by up to a quarter.
 *
 * @throws the error of the last attempt; Cancelled if the signal fires, also while waiting
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
	const wait = options.wait ?? waitFor;
	for (let tries = 0; ; tries++) {
		try {
			return await attempt();
		} catch (thrown) {
			const retry = nextAttempt(thrown, tries, options);
			if (retry === null) throw thrown;
			options.onRetry?.(retry);
			await wait(retry.waitSeconds * 1000, options.signal);
		}
	}
}

/** The next attempt, or null if none can help. */
function nextAttempt(thrown: unknown, tries: number, options: RetryOptions): Retry | null {
	if (!(thrown instanceof RemoteError) || !PASSING.has(thrown.code)) return null;
	const { retriesAtMost } = thrown.context;
	const most = options.maxRetries(thrown);
	const retries = typeof retriesAtMost === 'number' ? Math.min(most, retriesAtMost) : most;
	const delay = tries < retries ? delayAfter(thrown, tries, options.label) : null;
	if (delay === null) return null;
	return { error: thrown, attempt: tries + 2, attempts: retries + 1, waitSeconds: delay / 1000 };
}

/** Milliseconds to wait, or null if the server asks for too long a wait. */
function delayAfter({ context }: RemoteError, tries: number, label: string): number | null {
	const { retryAfterSeconds: asked } = context;
	if (typeof asked === 'number') return asked * 1000 <= LONGEST_RETRY_AFTER_MS ? asked * 1000 : null;
	const jitter = (hash32(`${label}:${tries}`) / 2 ** 32) * 0.25;
	return Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS) * (1 - jitter);
}
