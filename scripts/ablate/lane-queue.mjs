// The runs of a grid for several lanes: each lane takes the next run as soon as the work that the run takes over is there.
import { nextOnOtherPage } from '../../src/app/grid/gridQueue.ts';

/** @typedef {import('../../src/core/grid/runs.ts').PlannedRun} PlannedRun */
/** @typedef {import('../../src/core/run/run.ts').RunPhase} RunPhase */
/** @typedef {{ key: string, planned: PlannedRun, status: 'waiting' | 'running' | 'done', at: RunPhase }} QueuedRun */

export class LaneQueue {
	/** @type {QueuedRun[]} */
	#runs;
	#stopped = false;
	/** Lanes that wait for a change. @type {(() => void)[]} */
	#waiting = [];

	/** @param {readonly PlannedRun[]} planned all runs in their order @param {ReadonlySet<string>} done keys of those that have ended */
	constructor(planned, done) {
		this.#runs = planned.map((one) => {
			const { key } = one.run;
			return done.has(key)
				? { key, planned: one, status: 'done', at: 'done' }
				: { key, planned: one, status: 'waiting', at: 'idle' };
		});
	}

	/** The run that a lane plays next, as soon as it can start; null if none is left. @returns {Promise<PlannedRun | null>} */
	async take() {
		while (!this.#stopped && this.#runs.some(({ status }) => status === 'waiting')) {
			const next = nextOnOtherPage(this.#runs);
			if (next !== null) {
				next.status = 'running';
				return next.planned;
			}
			await new Promise((resolve) => this.#waiting.push(() => resolve(null)));
		}
		return null;
	}

	/** A run that was taken is in this phase. @param {string} key @param {RunPhase} phase */
	entered(key, phase) {
		this.#set(key, { at: phase });
	}

	/** A run has ended, whether it is done or has failed. @param {string} key */
	end(key) {
		this.#set(key, { status: 'done' });
	}

	/** A lane that cannot play the run leaves it to another one. @param {string} key */
	giveBack(key) {
		this.#set(key, { status: 'waiting', at: 'idle' });
	}

	/** No run starts any more. */
	stop() {
		this.#stopped = true;
		this.#tell();
	}

	/** @param {string} key @param {Partial<QueuedRun>} change */
	#set(key, change) {
		const run = this.#runs.find((one) => one.key === key);
		if (run !== undefined) Object.assign(run, change);
		this.#tell();
	}

	#tell() {
		for (const wake of this.#waiting.splice(0)) wake();
	}
}
