// Measures engines in turns, A B C A B C …, so that other load on the machine affects all equally. Losses are
// compared before any time is reported, because an engine that computes something else has no speed.
import { cpuSeconds } from './cpu.mjs';

/**
 * @typedef {object} Engine
 * @property {number} pid the process whose descendants do all its work
 * @property {(count?: number) => Promise<{ loss: number, ms: number }>} step one step, or several in a row:
 *   the last one's loss, the time of each
 * @property {() => Promise<any>} report figures of its last step
 */
/**
 * @typedef {object} Contender
 * @property {string} key
 * @property {string} title
 * @property {Engine} engine
 * @property {number} [every] for slow engines: takes part only in every n-th round, and is warmed up by one
 *   step
 */
/**
 * @typedef {object} Measured
 * @property {string} title
 * @property {number[]} losses  of every step, including the first ones
 * @property {number} firstMs   the first step
 * @property {(number | null)[]} wall seconds per round; null if it skipped the round
 * @property {(number | null)[]} cpu  CPU-seconds per round
 * @property {any[]} reports per measured step
 */

/**
 * @param {readonly Contender[]} contenders
 * @param {{ warmUp: number, rounds: number, burst?: number }} plan `burst`: steps per round
 * @param {(text: string) => void} say
 * @returns {Promise<Record<string, Measured>>}
 */
export async function measureRounds(contenders, { warmUp, rounds, burst = 1 }, say) {
	/** @type {Record<string, Measured>} */
	const measured = {};
	for (const { key, title, engine, every = 1 } of contenders) {
		const first = every > 1 ? 1 : warmUp;
		say(`${title}: first ${first === 1 ? 'step' : `${first} steps`}`);
		measured[key] = { title, losses: [], firstMs: NaN, wall: [], cpu: [], reports: [] };
		for (let i = 0; i < first; i++) {
			const { loss, ms } = await engine.step();
			if (i === 0) measured[key].firstMs = ms;
			measured[key].losses.push(loss);
		}
	}
	for (let round = 0; round < rounds; round++) {
		say(`round ${round + 1} of ${rounds}`);
		for (const contender of contenders)
			await measureOne(contender, { round, burst }, measured[contender.key]);
	}
	return measured;
}

/** @param {Contender} contender @param {{ round: number, burst: number }} turn @param {Measured | undefined} into */
async function measureOne({ engine, every = 1 }, { round, burst }, into) {
	if (into === undefined) return;
	if (round % every !== 0) {
		into.wall.push(null);
		into.cpu.push(null);
		return;
	}
	const before = cpuSeconds(engine.pid);
	const { loss, ms } = await engine.step(burst);
	const after = cpuSeconds(engine.pid);
	into.losses.push(loss);
	into.wall.push(ms / 1000);
	into.cpu.push(before === null || after === null ? null : (after - before) / burst);
	into.reports.push(await engine.report());
}

/** Our engines: if one of them computes something else, the measurement fails. */
const OWN = ['ours', 'oursWasm'];

/**
 * Leaves out the peers that computed something else, and reports the error of each.
 *
 * @param {Record<string, Measured>} measured
 * @param {readonly number[]} expected losses of the first steps
 * @param {number} tolerance
 * @returns {{ measured: Record<string, Measured>, leftOut: string[] }}
 * @throws {Error} if it is one of our engines, naming it and the step
 */
export function withEqualLosses(measured, expected, tolerance) {
	/** @type {string[]} */
	const leftOut = [];
	const equal = Object.entries(measured).filter(([key, { title, losses }]) => {
		const step = expected.findIndex(
			(wanted, i) => i < losses.length && !(Math.abs((losses[i] ?? NaN) - wanted) <= tolerance),
		);
		if (step < 0) return true;
		const message = `${title}: step ${step + 1} has the loss ${losses[step]}, not ${expected[step]}: it does other work`;
		if (OWN.includes(key)) throw new Error(`${message}.`);
		leftOut.push(`${message}, and is given no time.`);
		return false;
	});
	return { measured: Object.fromEntries(equal), leftOut };
}

/** Drops the skipped rounds. @param {readonly (number | null)[]} values @returns {number[]} */
export function present(values) {
	return values.filter((value) => value !== null);
}
