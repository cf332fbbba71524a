// Memory of a browser's renderers, from Linux's /proc: their share of every page of memory (PSS).
import { readdirSync, readFileSync } from 'node:fs';

/** @param {string} path @returns {string} empty if the process has ended */
function textOf(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

/** @param {string} pid @returns {number} 0 if unknown */
function parentOf(pid) {
	const stat = textOf(`/proc/${pid}/stat`);
	return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

/** @param {number} pid @param {number} root */
function descendsFrom(pid, root) {
	for (let at = pid; at > 1; at = parentOf(String(at))) if (at === root) return true;
	return false;
}

/** Processes that run pages and their workers. @param {number} root the browser's process @returns {string[]} */
export function renderersOf(root) {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && textOf(`/proc/${name}/cmdline`).includes('--type=renderer'))
		.filter((pid) => descendsFrom(Number(pid), root));
}

/** @param {readonly string[]} pids @returns {number} bytes */
export function memoryOf(pids) {
	const kilobytes = pids.map((pid) =>
		Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
	);
	return 1024 * kilobytes.reduce((sum, size) => sum + size, 0);
}

/**
 * Samples the renderers' memory until `work` is done.
 *
 * @template T
 * @param {number} root
 * @param {() => Promise<T>} work
 * @param {number} [every] milliseconds
 */
export async function peakWhile(root, work, every = 25) {
	const pids = renderersOf(root);
	const before = memoryOf(pids);
	let peak = before;
	const timer = setInterval(() => (peak = Math.max(peak, memoryOf(pids))), every);
	try {
		const value = await work();
		return { value, before, peak, after: memoryOf(pids) };
	} finally {
		clearInterval(timer);
	}
}
