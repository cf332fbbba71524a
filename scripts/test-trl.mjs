// npm run test:trl [-- FILE…]: exported runs in TRL against the page. Says what it takes, makes a Python environment once, and runs the
// tests. TRL_PYTHON names a Python that has the packages of src/core/exchange/trl/requirements.txt already.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';
import { runProject, say, since } from './vitest-project.mjs';

const REQUIREMENTS = join(ROOT, 'src/core/exchange/trl/requirements.txt');
const ENVIRONMENT = join(ROOT, 'node_modules/.cache/trl/environment');
/** A copy of the requirements that were installed. */
const STAMP = join(ENVIRONMENT, 'requirements.txt');

/** On two quiet cores; torch's packages for Linux hold the libraries of CUDA. */
const MINUTES = 10;
const MEMORY_GB = 3;
const DISK_GB = 6;

/** @param {string} program @param {string[]} args */
function run(program, args) {
	const done = spawnSync(program, args, { stdio: 'inherit' });
	if (done.error !== undefined) throw done.error;
	if (done.status !== 0)
		throw new Error(`${program} ${args.join(' ')} failed: its own message above says why.`);
}

/** The Python of the environment, which is made if it is missing or has other versions. @returns {string} */
function environmentPython() {
	const python = join(ENVIRONMENT, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
	const wanted = readFileSync(REQUIREMENTS, 'utf8');
	if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return python;
	const start = performance.now();
	say(`Installs TRL, PEFT and torch once into node_modules/.cache/trl: about ${DISK_GB} GB of disk.`);
	rmSync(ENVIRONMENT, { recursive: true, force: true });
	run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', ENVIRONMENT]);
	run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
	writeFileSync(STAMP, wanted);
	say(`Installed in ${since(start)}.`);
	return python;
}

const begin = performance.now();
say(`Runs in TRL: about ${MINUTES} minutes on two quiet cores, and ${MEMORY_GB} GB of memory.`);
runProject('trl', begin, { ANCHORAGE_TRL_PYTHON: process.env['TRL_PYTHON'] || environmentPython() });
