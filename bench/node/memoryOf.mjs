// Memory of a browser's processes, from Linux's /proc: their share of every page of memory (PSS).
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

/** @param {string} pid @returns {keyof Processes} */
function kindOf(pid) {
	const [, type] = /--type=([\w-]+)/.exec(textOf(`/proc/${pid}/cmdline`)) ?? [];
	return type === 'renderer' ? 'page' : type === 'gpu-process' ? 'graphics' : 'browser';
}

/**
 * Process ids: pages with their workers; the process of the graphics device; the browser itself with its storage and network.
 *
 * @typedef {{ page: string[], graphics: string[], browser: string[] }} Processes
 *
 * @param {number} root the browser's process
 * @returns {Processes}
 */
export function processesOf(root) {
	const processes = /** @type {Processes} */ ({ page: [], graphics: [], browser: [] });
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
		if (descendsFrom(Number(pid), root)) processes[kindOf(pid)].push(pid);
	return processes;
}

/** @param {readonly string[]} pids @returns {number} bytes */
export function memoryOf(pids) {
	const kilobytes = pids.map((pid) =>
		Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
	);
	return 1024 * kilobytes.reduce((sum, size) => sum + size, 0);
}

/**
 * Samples the memory of each kind of process until `work` is done.
 *
 * @typedef {{ before: number, peak: number, after: number }} Course bytes
 *
 * @param {number} root
 * @param {() => Promise<unknown>} work
 * @param {number} [every] milliseconds
 * @returns {Promise<Record<keyof Processes, Course>>}
 */
export async function coursesWhile(root, work, every = 25) {
	const processes = processesOf(root);
	const courses = {
		page: course(processes.page),
		graphics: course(processes.graphics),
		browser: course(processes.browser),
	};
	const sample = () => Object.values(courses).forEach((one) => one.sample());
	const timer = setInterval(sample, every);
	try {
		await work();
	} finally {
		clearInterval(timer);
	}
	sample();
	return { page: courses.page.read(), graphics: courses.graphics.read(), browser: courses.browser.read() };
}

/** @param {readonly string[]} pids */
function course(pids) {
	const before = memoryOf(pids);
	const read = { before, peak: before, after: before };
	return {
		read: () => read,
		sample() {
			read.after = memoryOf(pids);
			read.peak = Math.max(read.peak, read.after);
		},
	};
}
