// Plays the runs of a grid on a headless page, keeps each when it is done, and writes the results.
import { gridCells } from '../../src/core/grid/cells.ts';
import { secondsLeft } from '../../src/core/grid/estimate.ts';
import { RESULT_FILES, resultsOf } from '../../src/core/grid/resultFiles.ts';
import { gridRuns, planSharing } from '../../src/core/grid/runs.ts';
import { openPage, placeOf, say, withServer } from '../headless-page.mjs';
import { GridFolder } from './folder.mjs';
import { summaryOf } from './summary.mjs';
import { duration, outcomeLine, plannedLine } from './words.mjs';

/** @typedef {import('../../src/core/grid/outcome.ts').RunOutcome} RunOutcome */
/** @typedef {import('../../src/core/grid/runs.ts').PlannedRun} PlannedRun */
/** @typedef {import('../headless-page.mjs').HeadlessPage} HeadlessPage */
/** @typedef {{ out: string, resume: boolean, model?: string | undefined, webgpu: boolean, credit: boolean }} AblationOptions */

export class Ablation {
	#grid;
	#options;
	/** @type {readonly PlannedRun[]} */
	#planned;
	/** @type {Map<string, RunOutcome>} */
	#outcomes = new Map();
	/** @type {HeadlessPage | null} */
	#page = null;
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

	/** Ends the run under way, which is lost; the others are kept. */
	async stop() {
		this.stopped = true;
		await this.#page?.close();
	}

	/** Says which runs there are, and how much time and memory they take. */
	async plan() {
		return withServer(async (url) => {
			await this.#open(url);
			try {
				for (const planned of this.#planned) say(plannedLine(planned));
				const forecast = await this.#forecast();
				return { runs: this.#planned.length, failed: 0, ...forecast };
			} finally {
				await this.#page?.close();
			}
		});
	}

	async run() {
		const folder = new GridFolder(this.#options.out, this.#options.resume);
		this.#recall(folder);
		// The id of a model that is added is known when the page has it.
		if (this.#options.model !== undefined || this.#left().length > 0)
			await withServer((url) => this.#playAll(url, folder));
		const results = this.#writeResults(folder);
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
			await this.#open(url);
			this.#recall(folder);
			say(`${this.#planned.length} runs, ${this.#left().length} of them to do, in ${folder.path}.`);
			await this.#forecast();
			for (let next = this.#left()[0]; next !== undefined && !this.stopped; next = this.#left()[0])
				await this.#playOne(next, url, folder);
		} finally {
			await this.#page?.close();
		}
	}

	/** @param {string} url */
	async #open(url) {
		this.#page = await openPage(url, { webgpu: this.#options.webgpu, closesOnInterrupt: false });
		const { page } = this.#page;
		const { model } = this.#options;
		const place = model === undefined ? null : await placeOf(page, model);
		const started = await this.#call((given) => /** @type {any} */ (globalThis).startGrid(given), place);
		if (started.error !== null)
			throw Object.assign(new Error(started.error.message), { hint: started.error.hint });
		if (started.model === null) return;
		this.#grid = { ...this.#grid, base: { ...this.#grid.base, model: started.model } };
		this.#planned = planSharing(gridRuns(this.#grid));
	}

	/**
	 * Calls a function on the page; rejects if the tab crashes.
	 *
	 * @template Given
	 * @param {(given: Given) => any} work @param {Given} given
	 * @returns {Promise<any>}
	 */
	async #call(work, given) {
		if (this.#page === null) throw new Error('The page is not open.');
		const { page, crashed } = this.#page;
		return Promise.race([page.evaluate(/** @type {any} */ (work), given), crashed]);
	}

	/** Tells time and memory of the runs that are left, before any of them has been timed. */
	async #forecast() {
		/** @type {{ seconds: number, bytes: number } | null} */
		const forecast = await this.#call(
			(left) => /** @type {any} */ (globalThis).gridPage.forecast(left),
			this.#left(),
		);
		if (forecast === null) return null;
		const megabytes = Math.round(forecast.bytes / 1e6);
		say(
			`About ${duration(forecast.seconds)}, as a rough guess before the first run; training takes up to ${megabytes} MB.`,
		);
		return forecast;
	}

	/**
	 * @param {PlannedRun} planned
	 * @param {string} url @param {GridFolder} folder
	 */
	async #playOne({ run, shares }, url, folder) {
		const from = [...new Set(Object.values(shares))];
		const needed = run.begin === null ? from : [...from, run.begin];
		/** @type {RunOutcome} */
		let outcome;
		try {
			await this.#hold(needed, folder);
			const job = { run, from, credit: this.#options.credit };
			outcome = await this.#call((given) => /** @type {any} */ (globalThis).gridPage.play(given), job);
			const file = await this.#call((key) => /** @type {any} */ (globalThis).gridPage.file(key), run.key);
			if (file !== null && outcome.figures !== null) folder.keepRun(run.key, file);
		} catch (error) {
			if (this.stopped) return;
			const { key, cell, seed, identity } = run;
			const message = error instanceof Error ? error.message : String(error);
			const hint = 'See the lines above, and go on with --resume.';
			outcome = {
				key,
				cell,
				seed,
				identity,
				figures: null,
				error: { code: 'page-lost', message, hint },
				madeWith: null,
			};
			await this.#page?.close().catch(() => undefined);
			await this.#open(url);
		}
		if (this.stopped) return;
		this.#outcomes.set(run.key, outcome);
		folder.keepOutcome(outcome);
		this.#report(outcome);
		this.#writeResults(folder);
		await this.#forget();
	}

	/**
	 * Reads runs whose work is shared back into the page: those that an earlier call made, or that a crash lost.
	 *
	 * @param {readonly string[]} keys @param {GridFolder} folder
	 */
	async #hold(keys, folder) {
		const held = await this.#call(() => /** @type {any} */ (globalThis).gridPage.held(), null);
		for (const key of keys.filter((one) => !held.includes(one))) {
			const file = folder.runFile(key);
			if (file === null) continue;
			await this.#call((given) => /** @type {any} */ (globalThis).gridPage.open(given.key, given.file), {
				key,
				file,
			});
		}
	}

	/** The page keeps only runs that a later one needs. */
	async #forget() {
		const needed = this.#left().flatMap(({ run, shares }) => [
			...Object.values(shares),
			...(run.begin === null ? [] : [run.begin]),
		]);
		await this.#call((keys) => /** @type {any} */ (globalThis).gridPage.keepOnly(keys), [...new Set(needed)]);
	}

	/** @param {RunOutcome} outcome */
	#report(outcome) {
		const left = this.#left();
		const seconds = secondsLeft(left, this.#planned, [...this.#outcomes.values()]);
		const time = left.length === 0 || seconds === null ? '' : ` · ${duration(seconds)} left`;
		say(`${this.#planned.length - left.length} of ${this.#planned.length} · ${outcomeLine(outcome)}${time}`);
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
