// Plays the runs of a grid in lanes, keeps each run when it is done, and writes the results.
import { gridCells } from '../../src/core/grid/cells.ts';
import { secondsLeft } from '../../src/core/grid/estimate.ts';
import { RESULT_FILES, resultsOf } from '../../src/core/grid/resultFiles.ts';
import { gridRuns, planSharing } from '../../src/core/grid/runs.ts';
import { say, withServer } from '../headless-page.mjs';
import { GridFolder } from './folder.mjs';
import { Lane, LaneBrowser } from './lane.mjs';
import { lanesFor, threadsFor } from './lane-count.mjs';
import { LaneQueue } from './lane-queue.mjs';
import { Seldom } from './seldom.mjs';
import { summaryOf } from './summary.mjs';
import { duration, outcomeLine, plannedLine } from './words.mjs';

/** @typedef {import('../../src/core/grid/outcome.ts').RunOutcome} RunOutcome */
/** @typedef {import('../../src/core/grid/runs.ts').PlannedRun} PlannedRun */
/** @typedef {{ out: string, resume: boolean, model?: string | undefined, webgpu: boolean, credit: boolean, atOnce: number | null }} AblationOptions `atOnce`: most runs at once; null chooses */

export class Ablation {
	#grid;
	#options;
	/** @type {readonly PlannedRun[]} */
	#planned;
	/** Null while only a plan is made. @type {GridFolder | null} */
	#folder = null;
	/** @type {Map<string, RunOutcome>} */
	#outcomes = new Map();
	/** @type {LaneBrowser | null} */
	#browser = null;
	/** @type {Lane[]} */
	#lanes = [];
	/** @type {LaneQueue | null} */
	#queue = null;
	/** The lane that played a run, by the key of the run. @type {Map<string, Lane>} */
	#laneOf = new Map();
	/** @type {Seldom<import('./summary.mjs').GridResults> | null} */
	#writer = null;
	stopped = false;

	/**
	 * @param {import('../../src/core/grid/grid.ts').Grid} grid
	 * @param {AblationOptions} options
	 */
	constructor(grid, options) {
		this.#grid = grid;
		this.#options = options;
		this.#planned = planSharing(gridRuns(grid));
	}

	/** Ends the runs under way. The profile of the browser has them as they were stored last. */
	async stop() {
		this.stopped = true;
		this.#queue?.stop();
		await this.#browser?.close();
	}

	/** Says which runs there are, and how much time and memory they take. */
	async plan() {
		return withServer(async (url) => {
			try {
				const first = await this.#openFirst(this.#startBrowser(url));
				for (const planned of this.#planned) say(plannedLine(planned));
				const forecast = await this.#forecast(first);
				return { runs: this.#planned.length, failed: 0, ...forecast };
			} finally {
				await this.#browser?.close();
			}
		});
	}

	async run() {
		const folder = new GridFolder(this.#options.out, this.#options.resume);
		this.#folder = folder;
		this.#recall(folder);
		// The id of a model that is added is known when the page has it.
		if (this.#options.model !== undefined || this.#left().length > 0)
			await withServer((url) => this.#playAll(url, folder));
		const results = this.#results(folder).now();
		if (this.#planned.every(({ run }) => this.#isDone(run.key))) folder.forgetProfile();
		return summaryOf(results, { out: folder.path, planned: this.#planned, outcomes: this.#outcomes });
	}

	/** Reads the outcomes of an earlier call. @param {GridFolder} folder */
	#recall(folder) {
		for (const { run } of this.#planned) {
			const known = folder.outcome(run);
			if (known !== null) this.#outcomes.set(run.key, known);
		}
	}

	/** Runs without an outcome, in their order. */
	#left() {
		return this.#planned.filter(({ run }) => !this.#outcomes.has(run.key));
	}

	/** @param {string} url @param {GridFolder} folder */
	async #playAll(url, folder) {
		try {
			const browser = this.#startBrowser(url);
			const first = await this.#openFirst(browser);
			this.#recall(folder);
			say(`${this.#planned.length} runs, ${this.#left().length} of them to do, in ${folder.path}.`);
			const { atOnce } = await this.#forecast(first);
			this.#addLanes(first, browser, atOnce);
			const queue = new LaneQueue(this.#planned, new Set(this.#outcomes.keys()));
			this.#queue = queue;
			await this.#playInLanes(queue, folder);
		} finally {
			await this.#browser?.close();
		}
	}

	/** The other lanes go on if one fails; what it would have played is theirs. @param {LaneQueue} queue @param {GridFolder} folder */
	async #playInLanes(queue, folder) {
		const ends = await Promise.allSettled(this.#lanes.map((lane) => this.#playIn(lane, queue, folder)));
		const failed = ends.find((end) => end.status === 'rejected');
		if (failed !== undefined && !this.stopped && this.#left().length > 0) throw failed.reason;
	}

	/** @param {Lane} lane @param {LaneQueue} queue @param {GridFolder} folder */
	async #playIn(lane, queue, folder) {
		for (let next = await queue.take(); next !== null; next = await queue.take()) {
			const { key } = next.run;
			try {
				await lane.open();
				this.#laneOf.set(key, lane);
				await this.#playOne(next, lane, folder);
				queue.end(key);
			} catch (error) {
				queue.giveBack(key);
				throw error;
			}
		}
	}

	/** @param {string} url */
	#startBrowser(url) {
		const { webgpu, model } = this.#options;
		this.#browser = new LaneBrowser({ url, webgpu, model, profile: this.#folder?.profile });
		return this.#browser;
	}

	/** Opens the page of the first lane, which adds the model. @param {LaneBrowser} browser @returns {Promise<Lane>} */
	async #openFirst(browser) {
		const lane = this.#addLane(browser);
		const added = await lane.open();
		if (added !== null) {
			this.#grid = { ...this.#grid, base: { ...this.#grid.base, model: added } };
			this.#planned = planSharing(gridRuns(this.#grid));
		}
		return lane;
	}

	/** @param {LaneBrowser} browser */
	#addLane(browser) {
		const lane = new Lane(browser, (key, phase, stored) => {
			const run = this.#planned.find((one) => one.run.key === key)?.run;
			if (run !== undefined && stored !== null) this.#folder?.keepStarted(run, stored);
			this.#queue?.entered(key, phase);
		});
		this.#lanes.push(lane);
		return lane;
	}

	/**
	 * Tells time and memory of the runs that are left, before any of them has been timed, and the number of lanes.
	 *
	 * @param {Lane} first
	 */
	async #forecast(first) {
		const left = this.#left();
		const forecast = await first.forecast(left);
		const { webgpu, atOnce: asked } = this.#options;
		const atOnce = lanesFor({ asked, webgpu, runs: left.length, bytes: forecast?.bytes ?? null });
		if (forecast === null) return { atOnce };
		const together = atOnce === 1 ? '' : `${atOnce} runs at once; `;
		const [seconds, megabytes] = [forecast.seconds / atOnce, Math.round(forecast.bytes / 1e6)];
		say(
			`About ${duration(seconds)}, as a rough guess before the first run; ${together}the training of a run takes up to ${megabytes} MB.`,
		);
		return { ...forecast, seconds, atOnce };
	}

	/**
	 * Adds the other lanes. The first one starts again if its engine would take threads from them.
	 *
	 * @param {Lane} first @param {LaneBrowser} browser @param {number} atOnce
	 */
	#addLanes(first, browser, atOnce) {
		const threads = threadsFor(atOnce);
		for (let more = 1; more < atOnce; more++) this.#addLane(browser);
		for (const lane of this.#lanes) lane.threads = threads;
		if (threads !== null) first.close();
	}

	/**
	 * @param {PlannedRun} planned
	 * @param {Lane} lane
	 * @param {GridFolder} folder
	 */
	async #playOne({ run, shares }, lane, folder) {
		const from = [...new Set(Object.values(shares))];
		/** @type {RunOutcome} */
		let outcome;
		try {
			await lane.keepOnly(this.#needed());
			await this.#hold(run.begin === null ? from : [...from, run.begin], lane, folder);
			const stored = folder.started(run);
			const job = { run, from, credit: this.#options.credit };
			outcome = await lane.play(stored === null ? job : { ...job, stored });
			const file = outcome.figures === null ? null : await lane.file(run.key);
			if (file !== null) folder.keepRun(run.key, file);
		} catch (error) {
			if (this.stopped) return;
			outcome = lostOutcome(run, error);
			lane.close();
		}
		if (this.stopped) return;
		this.#outcomes.set(run.key, outcome);
		folder.keepOutcome(outcome);
		this.#report(outcome);
		this.#results(folder).soon();
	}

	/**
	 * Reads runs whose work is shared back into a lane's page: those that another lane or an earlier call made, or that a crash lost.
	 *
	 * @param {readonly string[]} keys @param {Lane} lane @param {GridFolder} folder
	 */
	async #hold(keys, lane, folder) {
		const held = await lane.held();
		for (const key of keys.filter((one) => !held.includes(one))) {
			const ended = this.#isDone(key);
			const file = ended ? folder.runFile(key) : await this.#fileOfUnfinished(key);
			if (file !== null) await lane.hold(key, file, { ended });
		}
	}

	/** @param {string} key */
	#isDone(key) {
		return (this.#outcomes.get(key)?.figures ?? null) !== null;
	}

	/** The file of a run that another lane plays, or that failed there. Without it, its work is done again. @param {string} key */
	async #fileOfUnfinished(key) {
		const lane = this.#laneOf.get(key);
		return lane === undefined ? null : lane.file(key).catch(() => null);
	}

	/** The keys of runs that those which are left need. */
	#needed() {
		const left = this.#left().flatMap(({ run, shares }) => [
			...Object.values(shares),
			...(run.begin === null ? [] : [run.begin]),
		]);
		return [...new Set(left)];
	}

	/** @param {RunOutcome} outcome */
	#report(outcome) {
		const left = this.#left();
		const seconds = secondsLeft(left, this.#planned, [...this.#outcomes.values()]);
		const time =
			left.length === 0 || seconds === null
				? ''
				: ` · ${duration(seconds / Math.min(left.length, this.#lanes.length))} left`;
		say(`${this.#planned.length - left.length} of ${this.#planned.length} · ${outcomeLine(outcome)}${time}`);
	}

	/** Writes the results, which takes seconds if there are many. @param {GridFolder} folder */
	#results(folder) {
		this.#writer ??= new Seldom(
			() => this.#writeResults(folder),
			(error) =>
				say(`The results were not written: ${error instanceof Error ? error.message : String(error)}`),
		);
		return this.#writer;
	}

	/** @param {GridFolder} folder */
	#writeResults(folder) {
		const outcomes = this.#planned.flatMap(({ run }) => this.#outcomes.get(run.key) ?? []);
		const runs = this.#planned.map(({ run }) => run);
		const measured = { grid: this.#grid, cells: gridCells(this.#grid), runs, outcomes };
		folder.keepResults(
			Object.fromEntries(Object.entries(RESULT_FILES).map(([name, textOf]) => [name, textOf(measured)])),
		);
		return resultsOf(measured);
	}
}

/**
 * @param {import('../../src/core/grid/runs.ts').GridRun} run whose page was lost
 * @param {unknown} error
 * @returns {RunOutcome}
 */
function lostOutcome({ key, cell, seed, identity }, error) {
	const message = error instanceof Error ? error.message : String(error);
	const hint = 'See the lines above, and go on with --resume.';
	const ended = { key, cell, seed, identity, figures: null, madeWith: null };
	return { ...ended, error: { code: 'page-lost', message, hint } };
}
