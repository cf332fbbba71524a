/** Strikes an endpoint's key out of an error. */
import { type AppError, fromWire, toWire, type WireError } from '#core/errors.ts';
import type { Redact } from '#core/text/redact.ts';

/** The same error with the key struck out of every text: message, context, stack, and its causes. */
export function redactError(error: AppError, redact: Redact): AppError {
	return fromWire(redactWire(toWire(error), redact));
}

function redactWire(wire: WireError, redact: Redact): WireError {
	const context = Object.fromEntries(
		Object.entries(wire.context).map(([name, value]) => [
			name,
			typeof value === 'string' ? redact(value) : value,
		]),
	);
	return {
		...wire,
		message: redact(wire.message),
		context,
		...(wire.stack === undefined ? {} : { stack: redact(wire.stack) }),
		...(wire.cause === undefined ? {} : { cause: redactWire(wire.cause, redact) }),
	};
}
