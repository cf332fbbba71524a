// Installs the packages of package-lock.json once: a stamp in node_modules records the lock file that was
// installed. This file runs on the system's Node (20.19 or later); everything after it runs on the Node among
// the packages: one optional package per platform, pinned by package-lock.json like all others.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = join(ROOT, 'node_modules', '.anchorage-lock');

export function ensureInstalled() {
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	if (major < 20 || (major === 20 && minor < 19)) {
		throw new Error(
			`Node ${process.versions.node} is too old: Anchorage needs 20.19 or later to install itself.`,
		);
	}
	const lock = createHash('sha256')
		.update(readFileSync(join(ROOT, 'package-lock.json')))
		.digest('hex');
	if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return;
	process.stderr.write('Installing packages (once)…\n');
	const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
	const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		shell: process.platform === 'win32',
	});
	if (done.status !== 0)
		throw new Error('npm ci failed: its own message above says why. Nothing else was changed.');
	writeFileSync(STAMP, lock);
}

/**
 * The environment for child processes: the project's own Node and tools first on the PATH.
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(extra = {}) {
	const bin = join(ROOT, 'node_modules', '.bin');
	return { ...process.env, ...extra, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** First version that reads TypeScript as the scripts need it. */
const OWN_MAJOR = 24;

/**
 * @returns {void}
 * @throws {Error} if the packages hold no Node for this platform; `node` would then be the current one again
 */
function expectOwnNode() {
	const bin = join(ROOT, 'node_modules', '.bin');
	if (['node', 'node.cmd', 'node.exe'].some((name) => existsSync(join(bin, name)))) return;
	throw new Error(
		`Node ${process.versions.node} cannot run this script, and the packages hold no Node for ${process.platform} ${process.arch}. ` +
			`Install Node ${OWN_MAJOR} or later; or, if the download of an optional package failed, delete node_modules and try again.`,
	);
}

/**
 * Runs the script again on the project's own Node if the current Node cannot read TypeScript.
 *
 * @param {string} script its `import.meta.url`
 * @returns {Promise<boolean>} true if the script ran again and has ended; its exit code is set
 */
async function ranOnOwnNode(script) {
	if (Number(process.versions.node.split('.')[0]) >= OWN_MAJOR) return false;
	expectOwnNode();
	const again = spawn('node', [fileURLToPath(script), ...process.argv.slice(2)], {
		stdio: 'inherit',
		env: toolEnvironment(),
		shell: process.platform === 'win32',
	});
	// Forwards signals to the child process, which cleans up.
	for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
		process.on(signal, () => again.kill(signal));
	process.exitCode = await new Promise((resolve, reject) => {
		again.on('error', reject);
		again.on('exit', (code) => resolve(code ?? 1));
	});
	return true;
}

/**
 * Runs a script's `main` on the project's own Node, with all packages installed; prints an error with its
 * hint and sets the exit code.
 *
 * @param {string} script its `import.meta.url`
 * @param {() => Promise<void>} main
 */
export async function runScript(script, main) {
	try {
		ensureInstalled();
		if (!(await ranOnOwnNode(script))) await main();
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		if (error instanceof Error && 'hint' in error && error.hint)
			process.stderr.write(`${String(error.hint)}\n`);
		process.exitCode = error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1;
	}
}
