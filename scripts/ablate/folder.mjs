// The folder of a grid: one file of figures and one run file per finished run, the browser's profile with the runs that have not
// ended, and the results over all of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('../../src/core/grid/outcome.ts').RunOutcome} RunOutcome */
/** @typedef {import('../../src/core/grid/runs.ts').GridRun} GridRun */
/** @typedef {import('../../src/app/grid/gridRuns.ts').StoredJob} StoredJob */

/**
 * Writes a file as a whole or not at all.
 *
 * @param {string} path @param {string | Uint8Array} content
 */
function writeWhole(path, content) {
	writeFileSync(`${path}.part`, content);
	renameSync(`${path}.part`, path);
}

export class GridFolder {
	#path;

	/**
	 * @param {string} path
	 * @param {boolean} resume false refuses a folder that has runs
	 */
	constructor(path, resume) {
		this.#path = path;
		mkdirSync(this.#runs, { recursive: true });
		if (resume || readdirSync(this.#runs).length === 0) return;
		throw Object.assign(new Error(`${path} already has runs of a grid.`), {
			hint: 'Go on with --resume, which keeps the runs that are still part of the grid, or name another folder with --out.',
		});
	}

	get path() {
		return this.#path;
	}

	/** The profile of the browser that plays the runs: its store has those that have not ended, and its cache the models. */
	get profile() {
		return join(this.#path, 'browser');
	}

	get #runs() {
		return join(this.#path, 'runs');
	}

	/** @param {string} key */
	#outcomeFile(key) {
		return join(this.#runs, `${key}.json`);
	}

	/** @param {string} key */
	#runFile(key) {
		return join(this.#runs, `${key}.run.json.gz`);
	}

	/** @param {string} key */
	#startedFile(key) {
		return join(this.#runs, `${key}.started.json`);
	}

	/**
	 * The run in the store of the profile; null if it was not started or has changed since.
	 *
	 * @param {GridRun} run
	 * @returns {StoredJob | null}
	 */
	started({ key, identity }) {
		try {
			const { identity: known, stored } = JSON.parse(readFileSync(this.#startedFile(key), 'utf8'));
			return known === identity ? stored : null;
		} catch {
			return null;
		}
	}

	/** @param {GridRun} run @param {StoredJob} stored */
	keepStarted({ key, identity }, stored) {
		writeWhole(this.#startedFile(key), `${JSON.stringify({ identity, stored })}\n`);
	}

	/** Forgets the profile, which is of use only to runs that have not ended. */
	forgetProfile() {
		rmSync(this.profile, { recursive: true, force: true, maxRetries: 3 });
	}

	/**
	 * The finished outcome of a run; null if there is none, if it failed, or if the run has changed since.
	 *
	 * @param {GridRun} run
	 * @returns {RunOutcome | null}
	 */
	outcome({ key, identity }) {
		try {
			const outcome = JSON.parse(readFileSync(this.#outcomeFile(key), 'utf8'));
			return outcome.identity === identity && outcome.figures !== null ? outcome : null;
		} catch {
			return null;
		}
	}

	/** @param {RunOutcome} outcome */
	keepOutcome(outcome) {
		writeWhole(this.#outcomeFile(outcome.key), `${JSON.stringify(outcome)}\n`);
		if (outcome.figures !== null) rmSync(this.#startedFile(outcome.key), { force: true });
	}

	/** @param {string} key @param {string} base64 */
	keepRun(key, base64) {
		writeWhole(this.#runFile(key), Buffer.from(base64, 'base64'));
	}

	/** @param {string} key @returns {string | null} base64 */
	runFile(key) {
		const path = this.#runFile(key);
		return existsSync(path) ? readFileSync(path).toString('base64') : null;
	}

	/** @param {Readonly<Record<string, string>>} files contents by name */
	keepResults(files) {
		for (const [name, content] of Object.entries(files)) writeWhole(join(this.#path, name), content);
	}
}
