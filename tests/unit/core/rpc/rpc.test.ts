/** Client and server of a small call table, joined by a real channel: order, cancelling, events, transfers, and every way to fail. */
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { AppError, Cancelled, DeviceError, FormatError, ShapeError } from '#core/errors.ts';
import {
	callsOf,
	type CallContext,
	type ControlOf,
	type EventOf,
	type InputOf,
	type OutputOf,
} from '#core/rpc/call.ts';
import { RpcClient } from '#core/rpc/client.ts';
import { serveCalls, type ServerOptions } from '#core/rpc/server.ts';

/** The service: logs its calls, and waits if a test tells it to. */
class Desk {
	readonly notes: string[] = [];
	readonly numbers = Float32Array.of(1, 2);
	gate: Promise<void> = Promise.resolve();
}

const call = callsOf<Desk>();
const DESK_CALLS = {
	notes: call((desk) => desk.notes.slice()),
	write: call(async (desk, text: string) => {
		desk.notes.push(`${text} starts`);
		await desk.gate;
		desk.notes.push(`${text} ends`);
	}),
	spell: call((_desk, word: string, { emit }: CallContext<string>) => {
		for (const letter of word) emit(letter);
		return word.length;
	}),
	untilStopped: call(
		(_desk, _input: null, { emit, onControl }: CallContext<string, 'ping' | 'stop'>) =>
			new Promise<string>((resolve) => {
				onControl((control) => {
					if (control === 'stop') resolve('stopped');
					else emit('pong');
				});
				emit('ready');
			}),
	),
	untilCancelled: call(
		(desk, _input: null, { signal }: CallContext) =>
			new Promise<never>((_, reject) => {
				signal.addEventListener('abort', () => {
					desk.notes.push('cancelled');
					reject(new Error('any error'));
				});
			}),
	),
	// A transfer list must not name a buffer twice; the server drops the second.
	numbers: call((desk) => desk.numbers, { output: ({ buffer }) => [buffer, buffer] }),
	fail: call((): number => {
		throw new DeviceError('no room', {
			code: 'limits-too-low',
			hint: 'smaller',
			context: { need: 2 },
			cause: new FormatError('inner', { code: 'inner' }),
		});
	}),
	unclonable: call(() => () => 1),
};

let channel: MessageChannel;
let desk: Desk;
let terminated: number;
beforeEach(() => {
	channel = new MessageChannel();
	channel.port1.start();
	channel.port2.start();
	desk = new Desk();
	terminated = 0;
});
afterEach(() => {
	channel.port1.close();
	channel.port2.close();
});

function connect(options?: ServerOptions): RpcClient<typeof DESK_CALLS> {
	serveCalls(channel.port2, DESK_CALLS, desk, options);
	return new RpcClient(channel.port1, {
		terminate: () => terminated++,
		crashed: (detail) => new AppError(`gone: ${detail}`, { code: 'crashed' }),
	});
}

/** Closes a gate for the desk; returns the function that opens it. */
function closeGate(): () => void {
	let open = (): void => undefined;
	desk.gate = new Promise((resolve) => (open = resolve));
	return open;
}

describe('calls', () => {
	test('a row gives the types of its call', () => {
		type Calls = typeof DESK_CALLS;
		expectTypeOf<InputOf<Calls['spell']>>().toEqualTypeOf<string>();
		expectTypeOf<InputOf<Calls['notes']>>().toEqualTypeOf<undefined>();
		expectTypeOf<OutputOf<Calls['spell']>>().toEqualTypeOf<number>();
		expectTypeOf<EventOf<Calls['spell']>>().toEqualTypeOf<string>();
		expectTypeOf<EventOf<Calls['notes']>>().toEqualTypeOf<never>();
		expectTypeOf<ControlOf<Calls['untilStopped']>>().toEqualTypeOf<'ping' | 'stop'>();
	});

	test('run side by side, each answered by its own id', async () => {
		const client = connect();
		const open = closeGate();
		const first = client.call('write', 'first');
		const second = client.call('write', 'second');
		expect(await client.call('notes', undefined)).toEqual(['first starts', 'second starts']);
		open();
		await Promise.all([first, second]);
	});

	test('run one after the other if the server says so, also after a failure', async () => {
		const client = connect({ inOrder: true });
		const open = closeGate();
		const calls = [
			client.call('write', 'first'),
			client.call('fail', undefined),
			client.call('write', 'second'),
		];
		const settled = Promise.allSettled(calls);
		open();
		expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		expect(desk.notes).toEqual(['first starts', 'first ends', 'second starts', 'second ends']);
	});

	test('events come in order and before the result', async () => {
		const seen: unknown[] = [];
		const client = connect();
		seen.push(await client.call('spell', 'apo', { onEvent: (letter) => seen.push(letter) }));
		expect(seen).toEqual(['a', 'p', 'o', 3]);
		expect(await client.call('spell', 'dpo')).toBe(3);
	});

	test('control messages reach their call while it runs, and later ones are dropped', async () => {
		const client = connect();
		const seen: string[] = [];
		const { result, control } = client.start('untilStopped', null, {
			onEvent: (event) => {
				seen.push(event);
				control(seen.length < 3 ? 'ping' : 'stop');
			},
		});
		expect(await result).toBe('stopped');
		expect(seen).toEqual(['ready', 'pong', 'pong']);
		control('ping');
		await client.call('notes', undefined);
		expect(seen).toHaveLength(3);
	});

	test('buffers of the transfer list are moved, not copied', async () => {
		expect(await connect().call('numbers', undefined)).toEqual(Float32Array.of(1, 2));
		expect(desk.numbers).toHaveLength(0);
	});

	test('messages that are not calls are ignored', async () => {
		const client = connect();
		channel.port1.postMessage('lose');
		channel.port1.postMessage(null);
		expect(await client.call('notes', undefined)).toEqual([]);
	});
});

describe('cancelling', () => {
	test('reaches the call, which fails with Cancelled whatever it throws', async () => {
		const client = connect();
		const cancel = new AbortController();
		const result = client.call('untilCancelled', null, { signal: cancel.signal });
		cancel.abort();
		await expect(result).rejects.toThrow(Cancelled);
		expect(desk.notes).toEqual(['cancelled']);
	});

	test('a call that waits for its turn never starts', async () => {
		const client = connect({ inOrder: true });
		const open = closeGate();
		const cancel = new AbortController();
		const first = client.call('write', 'first');
		const second = client.call('write', 'second', { signal: cancel.signal });
		cancel.abort();
		channel.port2.addEventListener('message', ({ data }: MessageEvent<{ type: string }>) => {
			if (data.type === 'cancel') open();
		});
		await expect(second).rejects.toThrow(Cancelled);
		await first;
		expect(desk.notes).toEqual(['first starts', 'first ends']);
	});

	test('a result that is on the way does not count any more', async () => {
		const cancel = new AbortController();
		// Event and result arrive one after the other, before a cancel message could reach the server.
		const result = connect().call('spell', 'a', { onEvent: () => cancel.abort(), signal: cancel.signal });
		await expect(result).rejects.toThrow(Cancelled);
	});

	test('a signal that has fired already sends nothing', async () => {
		const client = connect();
		await expect(client.call('write', 'x', { signal: AbortSignal.abort() })).rejects.toThrow(Cancelled);
		expect(await client.call('notes', undefined)).toEqual([]);
	});
});

describe('failures', () => {
	test('errors arrive as their own class with code, hint, context and cause', async () => {
		const error: unknown = await connect()
			.call('fail', undefined)
			.catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(DeviceError);
		expect(error).toMatchObject({ code: 'limits-too-low', hint: 'smaller', context: { need: 2 } });
		expect((error as Error).cause).toBeInstanceOf(FormatError);
	});

	test('an output that no message can carry fails its call alone', async () => {
		const client = connect();
		await expect(client.call('unclonable', undefined)).rejects.toMatchObject({ code: 'unexpected' });
		expect(await client.call('notes', undefined)).toEqual([]);
	});

	test('an unknown call is a fault of the program', async () => {
		serveCalls(channel.port2, {}, desk);
		const client = new RpcClient<typeof DESK_CALLS>(channel.port1, {
			terminate: () => undefined,
			crashed: (detail) => new AppError(detail, { code: 'crashed' }),
		});
		await expect(client.call('notes', undefined)).rejects.toThrow(ShapeError);
	});

	test.each([
		['a crash', Object.assign(new Event('error'), { message: 'out of stack' }), 'gone: out of stack'],
		['a script that is not there', new Event('error'), 'gone: its script could not be loaded'],
		['an unreadable message', new Event('messageerror'), 'gone: a message could not be read'],
	])('%s fails the calls under way and every later one', async (_name, event, message) => {
		const client = connect();
		const waiting = client.call('untilCancelled', null);
		channel.port1.dispatchEvent(event);
		await expect(waiting).rejects.toMatchObject({ code: 'crashed', message });
		await expect(client.call('notes', undefined)).rejects.toMatchObject({ code: 'crashed', message });
		expect(client.closed).toMatchObject({ code: 'crashed' });
		expect(terminated).toBe(1);
	});

	test('closing fails the calls under way with its reason, once', async () => {
		const client = connect();
		const waiting = client.call('untilCancelled', null);
		client.close(new Cancelled());
		client.close(new AppError('too late', { code: 'late' }));
		await expect(waiting).rejects.toThrow(Cancelled);
		await expect(client.call('notes', undefined)).rejects.toThrow(Cancelled);
		expect(terminated).toBe(1);
	});
});
