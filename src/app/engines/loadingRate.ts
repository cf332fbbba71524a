/** Adds rate and time left to the progress of loading files; see core's TransferRate. */
import { TransferRate } from '#core/checkpoint/transferRate.ts';
import type { Clock, Progress } from '#core/ports.ts';

/** Smaller totals count percent, not bytes. */
const FEWEST_BYTES = 1000;

/** @returns the same progress under another name of its phase while bytes arrive */
export function withRate(clock: Clock, loading: string): (progress: Progress) => Progress {
	let rate: TransferRate | null = null;
	let total = 0;
	let before = 0;
	return (progress) => {
		if (progress.total < FEWEST_BYTES) return progress;
		const now = clock.now();
		if (rate === null || progress.total !== total) {
			rate = new TransferRate(progress.total, progress.done, now);
			total = progress.total;
		} else rate.add(progress.done - before, now);
		before = progress.done;
		const { bytesPerSecond, secondsLeft } = rate.progress(now);
		return { ...progress, phase: loading, transfer: { bytesPerSecond, secondsLeft } };
	};
}
