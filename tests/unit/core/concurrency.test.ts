import { describe, expect, it } from 'vitest';
import { mapWithConcurrency, nextTask } from '#core/concurrency.ts';
import { Cancelled, RemoteError } from '#core/errors.ts';

const never = new AbortController().signal;
const refused = new RemoteError('The key was refused.', { code: 'endpoint-key-refused' });

describe('mapWithConcurrency', () => {
	it('keeps order and each row’s own failure', async () => {
		const results = await mapWithConcurrency(
			[1, 2, 3],
			2,
			(n) => (n === 2 ? Promise.reject(refused) : Promise.resolve(n * 10)),
			never,
		);
		expect(results).toEqual([
			{ state: 'done', value: 10 },
			{ state: 'failed', error: refused },
			{ state: 'done', value: 30 },
		]);
	});

	it('has at most `concurrency` calls in flight, and reaches that number', async () => {
		let inFlight = 0;
		let most = 0;
		await mapWithConcurrency(
			Array.from({ length: 20 }, (_, i) => i),
			4,
			async () => {
				most = Math.max(most, ++inFlight);
				await Promise.resolve();
				await Promise.resolve();
				inFlight--;
			},
			never,
		);
		expect(most).toBe(4);
	});

	it('leaves the rest unasked after a failure that would repeat', async () => {
		let asked = 0;
		const results = await mapWithConcurrency(
			[1, 2, 3, 4, 5, 6],
			2,
			() => {
				asked++;
				return Promise.reject(refused);
			},
			never,
			{ stopWhen: (error) => error.code === 'endpoint-key-refused' },
		);
		expect(asked).toBe(2);
		expect(results.map((result) => result.state)).toEqual([
			'failed',
			'failed',
			'not-asked',
			'not-asked',
			'not-asked',
			'not-asked',
		]);
	});

	it('keeps finished rows when the user stops; rows in flight count as not asked', async () => {
		const stop = new AbortController();
		const results = await mapWithConcurrency(
			[1, 2, 3],
			1,
			(n) => {
				if (n === 2) {
					stop.abort();
					return Promise.reject(new Cancelled());
				}
				return Promise.resolve(n);
			},
			stop.signal,
		);
		expect(results.map((result) => result.state)).toEqual(['done', 'not-asked', 'not-asked']);
	});

	it('reports each row when it ends', async () => {
		const told: number[] = [];
		await mapWithConcurrency([1, 2, 3], 3, (n) => Promise.resolve(n), never, {
			onSettled: (index) => told.push(index),
		});
		expect(told.sort()).toEqual([0, 1, 2]);
	});

	it('refuses a concurrency of 0', async () => {
		await expect(mapWithConcurrency([1], 0, () => Promise.resolve(1), never)).rejects.toThrow(/at least 1/);
	});
});

it('nextTask lets a message that waits be handled first', async () => {
	const order: string[] = [];
	const { port1, port2 } = new MessageChannel();
	port1.onmessage = () => {
		port1.close();
		order.push('message');
	};
	port2.postMessage(null);
	await Promise.resolve();
	order.push('promise');
	await nextTask();
	order.push('task');
	expect(order).toEqual(['promise', 'message', 'task']);
});
