// Tests that are not part of `npm test`: one project of vitest's, with the time that it took.
import { spawnSync } from 'node:child_process';
import { toolEnvironment } from './install.mjs';

/** @param {string} line */
export const say = (line) => void process.stdout.write(`${line}\n`);
/** @param {number} start @returns {string} */
export const since = (start) => `${Math.round((performance.now() - start) / 1000)} s`;

/**
 * Runs the files that the command line names, by default all of them, and ends the script with vitest's status.
 *
 * @param {string} project
 * @param {number} begin of the script, as `performance.now()` gave it
 * @param {Record<string, string>} [environment] added to that of the tools
 */
export function runProject(project, begin, environment = {}) {
	const args = ['run', '--project', project, '--reporter=verbose', ...process.argv.slice(2)];
	const done = spawnSync('vitest', args, {
		stdio: 'inherit',
		env: toolEnvironment(environment),
		shell: process.platform === 'win32',
	});
	say(`All parts: ${since(begin)}`);
	process.exit(done.status ?? 1);
}
