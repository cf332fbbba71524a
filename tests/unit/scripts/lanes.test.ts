/** Lanes of `npm run ablate`: how many there are, and which run each of them takes. */
import { afterEach, expect, test, vi } from 'vitest';
import { readGrid } from '#core/grid/grid.ts';
import { gridRuns, planSharing, type PlannedRun } from '#core/grid/runs.ts';
import { Lane, LaneBrowser } from '../../../scripts/ablate/lane.mjs';
import { lanesAsked, lanesFor, threadsFor } from '../../../scripts/ablate/lane-count.mjs';
import { LaneQueue } from '../../../scripts/ablate/lane-queue.mjs';
import { Seldom } from '../../../scripts/ablate/seldom.mjs';
import type { HeadlessPage } from '../../../scripts/headless-page.mjs';

const GB = 2 ** 30;

afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

const planned = planSharing(
	gridRuns(
		readGrid({
			schema: 1,
			cells: { zero: {}, dpo: { objective: 'dpo' }, tuned: { begin: 'zero', objective: 'apo_down' } },
			vary: { seed: [1, 2] },
		}),
	),
);

const nameOf = (run: PlannedRun | null): string | null =>
	run === null ? null : `${run.run.cell} ${run.run.seed}`;
/** The run that a lane takes at once; `waits` if it waits. */
const taken = (queue: LaneQueue): Promise<string | null> =>
	Promise.race([
		queue.take().then(nameOf),
		new Promise<string>((resolve) => setTimeout(resolve, 20, 'waits')),
	]);

test('two lanes play every run once, each after the runs that it needs', async () => {
	const queue = new LaneQueue(planned, new Set());
	const started: (string | null)[] = [];
	const ended = new Set<string>();
	const lane = async (): Promise<void> => {
		for (let next = await queue.take(); next !== null; next = await queue.take()) {
			const { key, begin } = next.run;
			started.push(nameOf(next));
			if (begin !== null) expect(ended).toContain(begin);
			for (const phase of ['sampling', 'revising', 'evaluating-before', 'training'] as const) {
				await Promise.resolve();
				queue.entered(key, phase);
			}
			ended.add(key);
			queue.end(key);
		}
	};
	await Promise.all([lane(), lane()]);
	expect(started).toHaveLength(planned.length);
	expect(new Set(started).size).toBe(planned.length);
	expect(started[0]).toBe('zero 1');
	expect(started.indexOf('dpo 1')).toBeLessThan(started.indexOf('dpo 2'));
});

test('a lane waits until the work is there, then takes the run', async () => {
	const queue = new LaneQueue(planned, new Set());
	expect(await taken(queue)).toBe('zero 1');
	expect(await taken(queue)).toBe('zero 2');
	const waiting = queue.take().then(nameOf);
	queue.entered('zero.seed1', 'revising');
	expect(await Promise.race([waiting, Promise.resolve('waits')])).toBe('waits');
	queue.entered('zero.seed1', 'training');
	expect(await waiting).toBe('dpo 1');
});

test('a lane that cannot play a run leaves it to another one that waits', async () => {
	const queue = new LaneQueue(planned, new Set(planned.map(({ run }) => run.key).slice(1)));
	expect(await taken(queue)).toBe('zero 1');
	expect(await queue.take()).toBeNull();
	queue.giveBack('zero.seed1');
	expect(await taken(queue)).toBe('zero 1');
});

test('no run starts after a stop, and no lane waits any longer', async () => {
	const queue = new LaneQueue(planned, new Set());
	await queue.take();
	await queue.take();
	const waiting = queue.take();
	queue.stop();
	expect(await waiting).toBeNull();
	expect(await queue.take()).toBeNull();
});

/** Pages that run the functions of a lane in this thread, on a grid page that holds its runs and never ends one. */
function pagesInThread() {
	const held = new Map<string, string>();
	const started = vi.fn(() => Promise.resolve({ error: null, model: null }));
	vi.stubGlobal('startGrid', started);
	vi.stubGlobal('gridPage', {
		held: () => [...held.keys()],
		open: (key: string, file: string) => held.set(key, file),
		play: () => new Promise<never>(() => undefined),
	});
	const crashes: ((error: Error) => void)[] = [];
	const page = {
		evaluate: (work: (given: unknown) => unknown, given: unknown) => Promise.resolve(work(given)),
		exposeFunction: () => Promise.resolve(),
	};
	const openPage = () => {
		held.clear();
		const crashed = new Promise<never>((_, reject) => crashes.push(reject));
		crashed.catch(() => undefined);
		return Promise.resolve({ page, crashed, close: () => Promise.resolve() } as unknown as HeadlessPage);
	};
	const browser = new LaneBrowser({ url: '', webgpu: false });
	return { browser: Object.assign(browser, { openPage }), crashes, started };
}

test('a lane whose page crashes fails the run, and opens another page for the next', async () => {
	const { browser, crashes, started } = pagesInThread();
	const lane = new Lane(browser, () => undefined);
	await lane.open();
	await lane.open();
	expect(started).toHaveBeenCalledTimes(1);
	await lane.hold('zero.seed1', 'file', { ended: true });
	const playing = lane.play({ run: planned[0]!.run, from: [], credit: false });
	crashes[0]!(new Error('The browser tab crashed'));
	await expect(playing).rejects.toThrow('crashed');
	lane.close();
	await expect(lane.held()).rejects.toThrow('not open');
	await lane.open();
	expect(started).toHaveBeenCalledTimes(2);
	expect(await lane.held()).toEqual([]);
});

test('a run that another lane still plays is read again when it is needed again, until it has ended', async () => {
	const { browser } = pagesInThread();
	const lane = new Lane(browser, () => undefined);
	await lane.open();
	await lane.hold('zero.seed1', 'early', { ended: false });
	expect(await lane.held()).toEqual([]);
	await lane.hold('zero.seed1', 'whole', { ended: true });
	expect(await lane.held()).toEqual(['zero.seed1']);
});

const WISH = { asked: null, webgpu: false, runs: 20, bytes: 50e6 };

test.each([
	['one per core', {}, { cores: 2, memory: 24 * GB }, 2],
	['one with WebGPU', { webgpu: true }, { cores: 8, memory: 24 * GB }, 1],
	['as many as were asked for', { asked: 3, webgpu: true }, { cores: 2, memory: 24 * GB }, 3],
	['as many as half of the memory takes', { bytes: 1.5 * GB }, { cores: 8, memory: 16 * GB }, 4],
	['one if not even one fits', { bytes: 20 * GB }, { cores: 8, memory: 16 * GB }, 1],
	['one if the memory of a run is unknown', { bytes: null }, { cores: 8, memory: 16 * GB }, 1],
	['not more than runs', { runs: 3 }, { cores: 8, memory: 64 * GB }, 3],
])('there is %s', (_name, wish, machine, lanes) => {
	expect(lanesFor({ ...WISH, ...wish }, machine)).toBe(lanes);
});

test('lanes share the cores, and an engine that would take its share anyway chooses itself', () => {
	const cores = (count: number) => ({ cores: count, memory: 64 * GB });
	expect(threadsFor(1, cores(8))).toBeNull();
	expect(threadsFor(2, cores(2))).toBeNull();
	expect(threadsFor(8, cores(8))).toBe(1);
	expect(threadsFor(4, cores(8))).toBe(2);
});

test('the number of runs at once is a whole number', () => {
	expect(lanesAsked(undefined)).toBeNull();
	expect(lanesAsked('12')).toBe(12);
	for (const wrong of ['0', '-1', '1.5', 'two', ''])
		expect(() => lanesAsked(wrong)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('results are written once for several runs, and never keep the machine busy', () => {
	vi.useFakeTimers();
	const written: number[] = [];
	const work = vi.fn(() => {
		written.push(performance.now());
		vi.advanceTimersByTime(2000);
	});
	const results = new Seldom(work, () => undefined);
	results.soon();
	results.soon();
	vi.advanceTimersByTime(1000);
	expect(work).toHaveBeenCalledTimes(1);
	results.soon();
	vi.advanceTimersByTime(59_000);
	expect(work).toHaveBeenCalledTimes(1);
	results.now();
	expect(work).toHaveBeenCalledTimes(2);
	vi.advanceTimersByTime(600_000);
	expect(work).toHaveBeenCalledTimes(2);
});

test('a failure to write is told, and the next time is tried again', () => {
	vi.useFakeTimers();
	const failures: unknown[] = [];
	const full = new Error('disk full');
	const results = new Seldom(
		() => {
			throw full;
		},
		(error) => failures.push(error),
	);
	results.soon();
	vi.advanceTimersByTime(1000);
	results.soon();
	vi.advanceTimersByTime(60_000);
	expect(failures).toEqual([full, full]);
	expect(() => results.now()).toThrow('disk full');
});
