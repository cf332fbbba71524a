/**
 * How the time of a function grows with its input. Tests compare the growth, never the time itself, which depends on
 * the machine and on what else it does.
 */

/** Between the growth of linear work (10) and of quadratic work (100), for inputs that differ tenfold. */
export const MOST_GROWTH = 40;
/** Added to both times, so that work below the clock's resolution has no growth. */
const FLOOR_MS = 1;
/** Pauses of the memory manager may slow one measurement down, but not all of them. */
const TRIES = 6;

/** CPU time of this thread, so that other work on the machine does not count; older runtimes have only a clock. */
function now(): number {
	if (typeof process.threadCpuUsage !== 'function') return performance.now();
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
}

async function timeOf<T>(run: (input: T) => unknown, input: T): Promise<number> {
	const start = now();
	try {
		await run(input);
	} catch {
		// The time of a refusal counts like any other.
	}
	return now() - start;
}

const ratio = (before: number, after: number): number => (after + FLOOR_MS) / (before + FLOOR_MS);

/**
 * Best time of several tries for the large input, divided by that for the small one; stops at the first try that shows
 * linear work.
 */
export async function growth<T>(
	run: (input: T) => unknown,
	make: (size: number) => T,
	{ small, large }: { small: number; large: number },
): Promise<number> {
	const inputs = { small: make(small), large: make(large) };
	let before = 0;
	let after = Infinity;
	for (let i = 0; i < TRIES; i++) {
		before = Math.max(before, await timeOf(run, inputs.small));
		after = Math.min(after, await timeOf(run, inputs.large));
		if (ratio(before, after) <= MOST_GROWTH) break;
	}
	return ratio(before, after);
}
