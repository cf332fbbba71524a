/** Reads the body of a request, up to a size and within a time. */
import type { IncomingMessage } from 'node:http';
import { type ServerRefusal, tooLarge } from './guard.ts';

export interface BodyLimits {
	bytes: number;
	/** Longest wait for more of the body, and for the whole body, in milliseconds. */
	idleMs: number;
	totalMs: number;
}

/** A prompt and an answer are a few kilobytes; a larger or slower body is a mistake. */
export const BODY_LIMITS: BodyLimits = { bytes: 1_000_000, idleMs: 5_000, totalMs: 20_000 };

const STALLED: ServerRefusal = {
	status: 408,
	code: 'timeout',
	message: 'The rest of the request did not arrive in time.',
};

/** @returns the body, a refusal, or `gone` if the client disconnected */
export function readBody(
	request: IncomingMessage,
	{ bytes, idleMs, totalMs }: BodyLimits,
): Promise<Buffer<ArrayBuffer> | ServerRefusal | 'gone'> {
	return new Promise((resolve) => {
		const parts: Buffer[] = [];
		let size = 0;
		const settle = (result: Buffer<ArrayBuffer> | ServerRefusal | 'gone'): void => {
			clearTimeout(idle);
			clearTimeout(total);
			request.off('data', onData);
			if (!Buffer.isBuffer(result)) request.pause();
			resolve(result);
		};
		const total = setTimeout(() => settle(STALLED), totalMs);
		let idle = setTimeout(() => settle(STALLED), idleMs);
		const onData = (part: Buffer): void => {
			clearTimeout(idle);
			idle = setTimeout(() => settle(STALLED), idleMs);
			size += part.length;
			if (size > bytes) settle(tooLarge(bytes));
			else parts.push(part);
		};
		request.on('data', onData);
		request.once('end', () => settle(Buffer.concat(parts)));
		// Without a listener, a client that disconnects would end the process.
		request.on('error', () => settle('gone'));
		request.once('close', () => settle('gone'));
	});
}
