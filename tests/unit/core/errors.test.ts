import { describe, expect, it } from 'vitest';
import { type AppError, fromWire, RemoteError, toWire } from '#core/errors.ts';

describe('toWire and fromWire', () => {
	it('keep class, code, hint, context and the chain of causes', () => {
		const low = new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
		const error = new RemoteError('Nothing answered.', {
			code: 'endpoint-unreachable',
			hint: 'Start the server.',
			context: { status: null },
			cause: low,
		});
		const back = fromWire(structuredClone(toWire(error)));
		expect(back).toBeInstanceOf(RemoteError);
		expect(back).toMatchObject({
			code: 'endpoint-unreachable',
			hint: 'Start the server.',
			context: { status: null },
			message: 'Nothing answered.',
		});
		expect(back.cause).toMatchObject({ code: 'unexpected', message: 'fetch failed' });
		expect((back.cause as AppError).cause).toMatchObject({ message: 'ECONNREFUSED' });
	});

	it('turn a foreign error into `unexpected` and keep its stack', () => {
		const thrown = new TypeError('x is not a function');
		const wire = toWire(thrown);
		expect(wire).toMatchObject({ kind: 'app', code: 'unexpected', message: 'x is not a function' });
		expect(wire.stack).toBe(thrown.stack);
		expect(wire.cause).toBeUndefined();
	});

	it('turn a thrown value that is not an error into `unexpected`', () => {
		expect(toWire('just words')).toMatchObject({ code: 'unexpected', message: 'just words' });
		expect(toWire('just words').cause).toBeUndefined();
	});
});
