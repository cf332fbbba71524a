import { describe, expect, it } from 'vitest';
import { measureRounds, present, withEqualLosses } from '../../../bench/node/rounds.mjs';
import { Resources } from '../../../bench/node/resources.mjs';

const quiet = (): void => undefined;

/** A contender that logs its steps. */
function contender(key: string, log: string[], losses: number[], every?: number) {
	const engine = {
		pid: process.pid,
		step: () => {
			log.push(key);
			return Promise.resolve({ loss: losses.shift() ?? 0, ms: 1000 });
		},
		report: () => Promise.resolve(null),
	};
	return { key, title: key, engine, ...(every === undefined ? {} : { every }) };
}

describe('measuring in turns', () => {
	it('warms each up, the slow one by a step, then takes them in turn, the slow one in every second round', async () => {
		const log: string[] = [];
		const contenders = [contender('a', log, []), contender('b', log, [], 2)];
		const measured = await measureRounds(contenders, { warmUp: 2, rounds: 3 }, quiet);
		expect(log.join('')).toBe('aab' + 'ab' + 'a' + 'ab');
		expect(measured['a']?.wall).toEqual([1, 1, 1]);
		expect(measured['b']?.wall).toEqual([1, null, 1]);
		expect(present(measured['b']?.wall ?? [])).toEqual([1, 1]);
	});

	it('leaves out a peer that does other work, and says so', async () => {
		const contenders = [contender('ours', [], [1, 0.5, 9]), contender('b', [], [1, 0.6])];
		const all = await measureRounds(contenders, { warmUp: 1, rounds: 2 }, quiet);
		const { measured, leftOut } = withEqualLosses(all, [1, 0.5], 5e-4);
		expect(Object.keys(measured)).toEqual(['ours']);
		expect(leftOut).toEqual([expect.stringContaining('b: step 2 has the loss 0.6, not 0.5')]);
		expect(withEqualLosses(all, [1, 0.55], 0.051).leftOut).toEqual([]);
	});

	it('does not go on where it is ours', async () => {
		const all = await measureRounds([contender('ours', [], [NaN])], { warmUp: 1, rounds: 0 }, quiet);
		expect(() => withEqualLosses(all, [1, 0.5], 5e-4)).toThrow('ours: step 1 has the loss NaN, not 1');
	});
});

describe('what was started', () => {
	it('is closed in reverse, also where something cannot be closed', async () => {
		const closed: string[] = [];
		const resources = new Resources();
		await resources.add('server', (it) => closed.push(it));
		await resources.add('broken', () => Promise.reject(new Error('gone')));
		await resources.add('browser', (it) => closed.push(it));
		await resources.close();
		expect(closed).toEqual(['browser', 'server']);
	});

	it('is closed at once where all was closed while it started', async () => {
		const closed: string[] = [];
		const resources = new Resources();
		await resources.close();
		await expect(resources.add('late', (it) => closed.push(it))).rejects.toThrow('Stopped');
		expect(closed).toEqual(['late']);
	});
});
