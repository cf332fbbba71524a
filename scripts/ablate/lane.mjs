// Lanes: pages of one browser that play runs of a grid, each one run after the other in an engine of its own. The pages share the cache
// of models, so that a model is added once.
import { openBrowser, placeOf, say } from '../headless-page.mjs';

/** @typedef {import('../headless-page.mjs').HeadlessBrowser} HeadlessBrowser */
/** @typedef {import('../headless-page.mjs').HeadlessPage} HeadlessPage */
/** @typedef {import('../../src/core/run/run.ts').RunPhase} RunPhase */
/** @typedef {import('../../src/app/grid/gridRuns.ts').StoredJob} StoredJob */
/** @typedef {{ url: string, webgpu: boolean, model?: string | undefined, profile?: string | undefined }} LaneOptions `model`: the place of one to add; `profile`: see `openBrowser` */
/** @typedef {(key: string, phase: RunPhase, stored: StoredJob | null) => void} OnPhase `stored`: the run in the browser's store */

export class LaneBrowser {
	/** @type {LaneOptions} */
	#options;
	/** @type {Promise<HeadlessBrowser> | null} */
	#browser = null;
	/** The id of the model that was added in this browser. @type {Promise<string | null> | null} */
	#added = null;

	/** @param {LaneOptions} options */
	constructor(options) {
		this.#options = options;
	}

	/** Opens a page, in a new browser if the last one is gone. @param {(line: string) => void} tell @returns {Promise<HeadlessPage>} */
	async openPage(tell) {
		return (await this.#open()).openPage(tell);
	}

	/** @returns {Promise<HeadlessBrowser>} */
	async #open() {
		const last = this.#browser;
		const browser = await last;
		if (browser?.isOpen() === true) return browser;
		// Of several lanes that find the browser gone, one opens the next.
		if (this.#browser !== last) return this.#open();
		const { url, webgpu, profile } = this.#options;
		const next = openBrowser(url, { webgpu, profile, closesOnInterrupt: false });
		[this.#browser, this.#added] = [next, null];
		return next;
	}

	/**
	 * Starts a page for a grid; the first one in a browser adds the model.
	 *
	 * @param {HeadlessPage} opened @param {number | null} threads
	 * @returns {Promise<string | null>} the id of the added model
	 */
	async start(opened, threads) {
		const { model } = this.#options;
		if (model === undefined) return startGrid(opened, { place: null, threads });
		if (this.#added === null) {
			this.#added = placeOf(opened.page, model).then((place) => startGrid(opened, { place, threads }));
			return this.#added;
		}
		const added = await this.#added;
		await startGrid(opened, { place: null, threads });
		return added;
	}

	async close() {
		const browser = await this.#browser?.catch(() => null);
		await browser?.close();
	}
}

/** @param {HeadlessPage} opened @param {{ place: string | null, threads: number | null }} given @returns {Promise<string | null>} */
async function startGrid(opened, given) {
	const started = await call(opened, (how) => /** @type {any} */ (globalThis).startGrid(how), given);
	if (started.error !== null)
		throw Object.assign(new Error(started.error.message), { hint: started.error.hint });
	return started.model;
}

/**
 * Calls a function on the page; rejects if the tab crashes.
 *
 * @template Given
 * @param {HeadlessPage} opened @param {(given: Given) => any} work @param {Given} given
 * @returns {Promise<any>}
 */
function call({ page, crashed }, work, given) {
	return Promise.race([page.evaluate(/** @type {any} */ (work), given), crashed]);
}

export class Lane {
	#browser;
	#onPhase;
	/** @type {HeadlessPage | null} */
	#opened = null;
	/** The name of the run that is played. */
	#playing = '';
	/** Keys of runs that the page has in the state of a run that had not ended. @type {Set<string>} */
	#early = new Set();
	/** Most threads of the engine; null leaves the choice to it. @type {number | null} */
	threads = null;

	/** @param {LaneBrowser} browser @param {OnPhase} onPhase called when a run that it plays enters a phase */
	constructor(browser, onPhase) {
		this.#browser = browser;
		this.#onPhase = onPhase;
	}

	/** Opens the page, if it is not open. @returns {Promise<string | null>} the id of the model that was added for it */
	async open() {
		if (this.#opened !== null) return null;
		const opened = await this.#browser.openPage((line) => this.#tell(line));
		this.#opened = opened;
		try {
			await opened.page.exposeFunction('enteredPhase', this.#onPhase);
			return await this.#browser.start(opened, this.threads);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** @param {readonly import('../../src/core/grid/runs.ts').PlannedRun[]} planned @returns {Promise<{ seconds: number, bytes: number } | null>} */
	forecast(planned) {
		return this.#call((given) => /** @type {any} */ (globalThis).gridPage.forecast(given), planned);
	}

	/** Keys of the runs that the page has in their final state, or plays. @returns {Promise<string[]>} */
	async held() {
		/** @type {string[]} */
		const held = await this.#call(() => /** @type {any} */ (globalThis).gridPage.held(), null);
		return held.filter((key) => !this.#early.has(key));
	}

	/**
	 * Reads a run into the page, so that others can take over its work or begin from its adapter.
	 *
	 * @param {string} key @param {string} file base64 @param {{ ended: boolean }} how false for a run that another lane still plays
	 */
	async hold(key, file, { ended }) {
		await this.#call((given) => /** @type {any} */ (globalThis).gridPage.open(given.key, given.file), {
			key,
			file,
		});
		if (ended) this.#early.delete(key);
		else this.#early.add(key);
	}

	/**
	 * @param {import('../../src/app/grid/gridRuns.ts').GridJob} job
	 * @returns {Promise<import('../../src/core/grid/outcome.ts').RunOutcome>}
	 */
	async play(job) {
		const { key, cell, seed } = job.run;
		this.#playing = `${cell}, seed ${seed}`;
		this.#early.delete(key);
		try {
			return await this.#call((given) => /** @type {any} */ (globalThis).gridPage.play(given), job);
		} finally {
			this.#playing = '';
		}
	}

	/** The file of a run that the page has, also while it is played; null if it has none. @param {string} key @returns {Promise<string | null>} base64 */
	file(key) {
		return this.#call((given) => /** @type {any} */ (globalThis).gridPage.file(given), key);
	}

	/** @param {readonly string[]} keys of the runs that later ones need */
	async keepOnly(keys) {
		await this.#call((given) => /** @type {any} */ (globalThis).gridPage.keepOnly(given), keys);
	}

	/** Closes the page, also after a crash; `open` opens another one. Does not wait, because a crashed page may not answer. */
	close() {
		const opened = this.#opened;
		this.#opened = null;
		this.#early.clear();
		opened?.close().catch(() => undefined);
	}

	/** @template Given @param {(given: Given) => any} work @param {Given} given @returns {Promise<any>} */
	async #call(work, given) {
		if (this.#opened === null) throw new Error('The page is not open.');
		return call(this.#opened, work, given);
	}

	/** Each line names the run that it is about. @param {string} line */
	#tell(line) {
		say(this.#playing === '' || line.startsWith(this.#playing) ? line : `${this.#playing} · ${line}`);
	}
}
