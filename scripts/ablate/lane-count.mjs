// How many runs of a grid are played at once, each on a page of its own, and with how many threads.
import { availableParallelism, totalmem } from 'node:os';
import { UsageError } from '../arguments.mjs';

/** Bytes of a page besides the memory of its training: the browser's process, the runs, and the answers on their way. */
const PAGE_BYTES = 512 * 2 ** 20;
/** The most that an engine starts; see src/engine/host/wasm.ts. */
const MOST_THREADS = 4;

/** @typedef {{ cores: number, memory: number }} Machine `memory`: bytes */
/** @typedef {{ asked: number | null, webgpu: boolean, runs: number, bytes: number | null }} Wish `bytes`: of the largest training */

/** @returns {Machine} */
const thisMachine = () => ({ cores: availableParallelism(), memory: totalmem() });

/**
 * As many lanes as were asked for. By default one with WebGPU, because all pages share one device; on the processor one per core, as far
 * as their training fits into half of the machine's memory. A core gains more in a lane of its own than as a second thread: products are
 * three quarters of a training step of the embedded model, and only they use threads.
 *
 * @param {Wish} wish @param {Machine} [machine]
 * @returns {number} at least 1, and not more than the runs
 */
export function lanesFor({ asked, webgpu, runs, bytes }, { cores, memory } = thisMachine()) {
	const room = Math.floor(memory / 2 / ((bytes ?? Infinity) + PAGE_BYTES));
	const fit = webgpu ? 1 : Math.min(cores, room);
	return Math.max(1, Math.min(runs, asked ?? fit));
}

/**
 * Most threads of the compute engine of each of several lanes, which together use every core once; null if the engine chooses the same
 * number by itself.
 *
 * @param {number} lanes @param {Machine} [machine]
 */
export function threadsFor(lanes, { cores } = thisMachine()) {
	const own = Math.max(1, Math.min(MOST_THREADS, cores - 1));
	const share = Math.max(1, Math.min(MOST_THREADS, Math.floor(cores / lanes)));
	return lanes === 1 || share === own ? null : share;
}

/**
 * @param {string | undefined} text of the option
 * @returns {number | null} null if it is not given
 * @throws {UsageError}
 */
export function lanesAsked(text) {
	if (text === undefined) return null;
	if (/^[1-9]\d?$/.test(text)) return Number(text);
	throw new UsageError(
		`--at-once is “${text}”, which is no number of runs.`,
		'Write a whole number from 1 to 99: --at-once 2.',
	);
}
