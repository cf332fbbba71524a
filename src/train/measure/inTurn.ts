/** A piece of a measurement as a turn of its own, so that training runs of the device go on in between. */
import { Cancelled, type AppError } from '#core/errors.ts';
import type { Turns } from '../turns.ts';

/** The device of a measurement, and the request to stop. */
export interface MeasuringParts {
	/** Lock of the device. */
	turns: Turns;
	/** A fault that the device reported outside any call. */
	fault: () => AppError | null;
	signal: AbortSignal;
}

/** Runs work while no training run uses the device. @throws Cancelled · the device's fault */
export async function inTurn<T>(
	{ turns, fault, signal }: MeasuringParts,
	work: () => Promise<T>,
): Promise<T> {
	if (signal.aborted) throw new Cancelled();
	const end = await turns.next();
	try {
		const lost = fault();
		if (lost !== null) throw lost;
		return await work();
	} finally {
		end();
	}
}
