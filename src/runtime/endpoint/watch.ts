/** A signal that aborts a request if the user stops it or if no byte arrives for too long. */
import { Cancelled } from '#core/errors.ts';

export interface Watch {
	readonly signal: AbortSignal;
	/** Restarts the timer when data arrives. */
	touch(): void;
	/** True if the time ran out, false if the user stopped. */
	timedOut(): boolean;
	/** Ends the watch after the request. */
	stop(): void;
}

/** @param idleMs milliseconds without a byte after which the request is aborted */
export function startWatch(idleMs: number, outer: AbortSignal): Watch {
	const controller = new AbortController();
	let late = false;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const onAbort = (): void => controller.abort(new Cancelled());
	const touch = (): void => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			late = true;
			controller.abort();
		}, idleMs);
	};
	touch();
	if (outer.aborted) onAbort();
	else outer.addEventListener('abort', onAbort, { once: true });
	return {
		signal: controller.signal,
		touch,
		timedOut: () => late,
		stop: () => {
			clearTimeout(timer);
			outer.removeEventListener('abort', onAbort);
		},
	};
}
