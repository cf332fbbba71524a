/** Asks a model about rows, several at once. Shared by the steps whose rows a model answers one by one. */
import { isRowFault } from '#core/batch/rowFaults.ts';
import { mapWithConcurrency } from '#core/concurrency.ts';
import { type AppError, fromWire, toWire, type WireError } from '#core/errors.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { CircuitBreaker } from './circuitBreaker.ts';

export interface Asking {
	/** Most requests at the same time. */
	atOnce: number;
	gate: PauseGate;
	signal: AbortSignal;
	/** Called after each row. */
	onSettled?: (() => void) | undefined;
}

/**
 * Asks about each row of the queue. If the model fails the same way several times in a row, no more are asked. Rows are asked about
 * one by one until the first answer, so that an endpoint that is down, or refuses the key, gets one request and not one per place.
 *
 * @param ask settles with the row's error, null if it was answered
 * @returns why asking stopped before the end of the queue; null if it did not
 */
export async function askRows(
	queue: readonly number[],
	{ atOnce, gate, signal, onSettled }: Asking,
	ask: (row: number) => Promise<WireError | null>,
): Promise<WireError | null> {
	const stopped: { why: WireError | null } = { why: null };
	const giveUp = new CircuitBreaker();
	const one = async (row: number): Promise<void> => {
		await gate.pass(signal);
		const error = await ask(row);
		onSettled?.();
		if (error !== null) throw fromWire(error);
		giveUp.answered();
	};
	const stopWhen = (error: AppError): boolean => {
		if (isRowFault(error) || !giveUp.after(error)) return false;
		stopped.why ??= toWire(error);
		return true;
	};
	let asked = 0;
	while (asked < queue.length && !giveUp.hasAnswer && stopped.why === null && !signal.aborted)
		await mapWithConcurrency(queue.slice(asked, ++asked), 1, one, signal, { stopWhen });
	if (stopped.why === null) await mapWithConcurrency(queue.slice(asked), atOnce, one, signal, { stopWhen });
	return stopped.why;
}
