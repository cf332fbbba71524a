/** Asking again: which failures pass by themselves, and how long to wait. */
import { Cancelled, RemoteError } from '#core/errors.ts';
import { hash32 } from '#core/math/hash.ts';

/** Failures that a second try can mend. A refused key or a wrong name it cannot. */
const PASSING = new Set([
	'endpoint-unreachable',
	'endpoint-timeout',
	'endpoint-cut-off',
	'endpoint-rate-limited',
	'endpoint-server-error',
]);

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** A server that asks for more than this is told to the user instead of waited for. */
const LONGEST_RETRY_AFTER_MS = 120_000;

export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface RetryOptions {
	/** Tries after the first. */
	maxRetries: number;
	signal: AbortSignal;
	wait?: Wait;
	/** Spreads the waits of rows that failed together; the same label always waits the same. */
	label: string;
}

/**
 * Calls `attempt` until it succeeds, fails for good, or the retries are used up. Waits as long as the server's Retry-After
 * says, else 0.5 s, doubled each time up to 8 s, less up to a quarter of it.
 *
 * @throws what the last attempt threw; Cancelled when the signal fires, also while waiting
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
	const wait = options.wait ?? waitFor;
	for (let tries = 0; ; tries++) {
		try {
			return await attempt();
		} catch (thrown) {
			const delay = tries < options.maxRetries ? delayAfter(thrown, tries, options.label) : null;
			if (delay === null) throw thrown;
			await wait(delay, options.signal);
		}
	}
}

/** Milliseconds to wait, or null where another try would not help. */
function delayAfter(thrown: unknown, tries: number, label: string): number | null {
	if (!(thrown instanceof RemoteError) || !PASSING.has(thrown.code)) return null;
	const asked = thrown.context['retryAfterSeconds'];
	if (typeof asked === 'number') return asked * 1000 <= LONGEST_RETRY_AFTER_MS ? asked * 1000 : null;
	const jitter = (hash32(`${label}:${tries}`) / 2 ** 32) * 0.25;
	return Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS) * (1 - jitter);
}

/**
 * Seconds of a Retry-After header: a number, or a date. Null where there is none or it cannot be read.
 *
 * @param now milliseconds since 1970, for dates
 */
export function readRetryAfter(headers: Headers, now: number): number | null {
	const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
	if (milliseconds >= 0) return milliseconds / 1000;
	const value = headers.get('retry-after');
	if (value === null) return null;
	const seconds = Number(value);
	if (Number.isFinite(seconds)) return Math.max(0, seconds);
	const date = Date.parse(value);
	return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

/** Resolves after `ms`, or rejects with Cancelled as soon as the signal fires. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		if (signal.aborted) {
			reject(new Cancelled());
			return;
		}
		const onAbort = (): void => {
			clearTimeout(timer);
			reject(new Cancelled());
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', onAbort);
			resolve();
		}, ms);
		signal.addEventListener('abort', onAbort, { once: true });
	});
}
