/** One signal for a request out of two reasons to end it: the user's stop, and nothing arriving for too long. */
import { Cancelled } from '#core/errors.ts';

export interface Watch {
	readonly signal: AbortSignal;
	/** Something arrived: the time starts anew. */
	touch(): void;
	/** Whether the time ran out (and not the user stopped). */
	timedOut(): boolean;
	/** Ends the watch; the request is over. */
	stop(): void;
}

/** @param idleMs milliseconds without a byte after which the request is given up */
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
