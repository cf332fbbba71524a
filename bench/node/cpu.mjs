// CPU-seconds of a process and its descendants, from Linux's /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc: a constant of Linux's interface. */
const TICKS = 100;

/** @returns {Map<number, { parent: number, ticks: number }>} */
function processes() {
	const found = new Map();
	for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
		const stat = statOf(name);
		if (stat === null) continue;
		// The command is in brackets and may hold any character; the fields after it are numbered from 3.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		found.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
	}
	return found;
}

/** @param {string} pid @returns {string | null} null if the process has ended */
function statOf(pid) {
	try {
		return readFileSync(`/proc/${pid}/stat`, 'utf8');
	} catch {
		return null;
	}
}

/**
 * CPU-seconds so far of the process `root` and its descendants.
 *
 * @param {number} root
 * @returns {number | null} null without /proc
 */
export function cpuSeconds(root) {
	if (process.platform !== 'linux') return null;
	const all = processes();
	let ticks = 0;
	for (const [pid, entry] of all) {
		let at = pid;
		while (at !== root && all.has(at)) at = all.get(at)?.parent ?? 0;
		if (at === root) ticks += entry.ticks;
	}
	return ticks / TICKS;
}
