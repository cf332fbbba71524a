/** Waiting that a signal ends. */
import { Cancelled } from '#core/errors.ts';

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
