// The machine and the versions behind the numbers.
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/install.mjs';

/** Packages by their displayed names. */
const PACKAGES = {
	tfjs: '@tensorflow/tfjs-core',
	'jax-js': '@jax-js/jax',
	'web-llm': '@mlc-ai/web-llm',
};

/** @param {string} path @returns {string} */
const versionIn = (path) => JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')).version;

/** @returns {Record<string, string>} */
export function packageVersions() {
	const versions = { anchorage: versionIn('.'), node: process.versions.node };
	for (const [name, folder] of Object.entries(PACKAGES))
		Object.assign(versions, { [name]: versionIn(join('node_modules', folder)) });
	return versions;
}

/** Description of the machine: processor, threads and memory. @returns {string} */
export function machine() {
	const threads = cpus();
	const memory = Math.round(totalmem() / 2 ** 30);
	return `${threads[0]?.model.trim() ?? 'unknown processor'}, ${threads.length} threads, ${memory} GiB`;
}

/** @param {Record<string, string>} versions @returns {string} */
export function versionLine(versions) {
	return Object.entries(versions)
		.map(([name, version]) => `${name} ${version}`)
		.join(', ');
}
