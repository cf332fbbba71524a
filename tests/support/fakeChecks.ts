/** The checks of a double of the compute engine: each passes after one report of progress. */
import type { CheckJob, CheckOutcome } from '#core/checks/check.ts';
import { Cancelled } from '#core/errors.ts';
import type { Progress } from '#core/ports.ts';

export class FakeChecks {
	checks: CheckJob[] = [];
	/** Delays a check. */
	beforeCheck: () => Promise<void> = () => Promise.resolve();
	/** Thrown by `check`. */
	checkError: Error | null = null;

	async check(
		job: CheckJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<CheckOutcome> {
		this.checks.push(job);
		onProgress({ phase: 'Checking', done: 1, total: 2 });
		await this.beforeCheck();
		if (signal.aborted) throw new Cancelled();
		if (this.checkError !== null) throw this.checkError;
		return { check: 'overfit', passed: true, pairs: 8, learned: 8, steps: 12, lossBefore: 1, lossAfter: 0.2 };
	}
}
