/** A signal that aborts a request if the user stops it, if no byte arrives for too long, or if it takes too long. */
import { Cancelled } from '#core/errors.ts';
import { RequestAccount } from './account.ts';

export interface Watch {
	readonly signal: AbortSignal;
	readonly account: RequestAccount;
	/** Restarts the timer when data arrives, and counts its bytes. */
	touch(bytes?: number): void;
	/** Shortens the wait when everything needed has arrived: from now on, `touch` does not restart it. */
	hurry(): void;
	/** `idle` if no data arrived for too long, `total` if the request took too long, null if the user stopped. */
	timedOut(): 'idle' | 'total' | null;
	/** Ends the watch after the request. */
	stop(): void;
}

/** Servers may send comments forever to keep a connection open. */
export const LONGEST_IN_IDLE_TIMES = 15;
const HURRY_MS = 2_000;

/** @param idleMs milliseconds without a byte after which the request is aborted */
export function startWatch(idleMs: number, outer: AbortSignal): Watch {
	const controller = new AbortController();
	let late: 'idle' | 'total' | null = null;
	let hurried = false;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const onAbort = (): void => controller.abort(new Cancelled());
	const expire = (reason: 'idle' | 'total'): void => {
		late ??= reason;
		controller.abort();
	};
	const expireIn = (ms: number): void => {
		clearTimeout(timer);
		timer = setTimeout(() => expire('idle'), ms);
	};
	const account = new RequestAccount();
	const touch = (bytes = 0): void => {
		account.receivedBytes += bytes;
		if (!hurried) expireIn(idleMs);
	};
	const total = setTimeout(() => expire('total'), idleMs * LONGEST_IN_IDLE_TIMES);
	touch();
	if (outer.aborted) onAbort();
	else outer.addEventListener('abort', onAbort, { once: true });
	return {
		signal: controller.signal,
		account,
		touch,
		hurry: () => {
			hurried = true;
			expireIn(Math.min(idleMs, HURRY_MS));
		},
		timedOut: () => late,
		stop: () => {
			clearTimeout(timer);
			clearTimeout(total);
			outer.removeEventListener('abort', onAbort);
		},
	};
}
