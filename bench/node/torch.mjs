// A Python with torch + PEFT, in an environment that the benchmark creates on first use.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/install.mjs';
import { Stopped } from './resources.mjs';
import { TorchMissing } from './torchPeer.mjs';

/** @typedef {import('./resources.mjs').Resources} Resources */

export const TORCH_SCRIPT = join(ROOT, 'bench', 'torch', 'peer.py');
const REQUIREMENTS = join(ROOT, 'bench', 'torch', 'requirements.txt');
const VENV = join(ROOT, '.cache', 'torch');
const STAMP = join(VENV, 'anchorage-requirements');

/**
 * The Python that ANCHORAGE_BENCH_PYTHON names, or that of a new environment.
 *
 * @param {Resources} resources
 * @param {(text: string) => void} say
 * @returns {Promise<string>} its path
 * @throws {TorchMissing}
 */
export async function findPython(resources, say) {
	const named = process.env['ANCHORAGE_BENCH_PYTHON'];
	if (named !== undefined && named !== '') return named;
	const python = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
	const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
	if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return python;
	say(
		'installing torch + PEFT into .cache/torch (once; on Linux about 3 GB to download; --no-torch does without)…',
	);
	await succeed(resources, 'python3', ['-m', 'venv', VENV]);
	const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
	await succeed(resources, python, install);
	writeFileSync(STAMP, wanted);
	return python;
}

/** @param {Resources} resources @param {string} program @param {string[]} args @returns {Promise<void>} */
async function succeed(resources, program, args) {
	const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
	await resources.add(child, (it) => it.kill());
	const code = await new Promise((resolve) => {
		child.on('error', (error) => resolve(error.message));
		child.on('exit', resolve);
	});
	if (resources.closed) throw new Stopped();
	if (code !== 0)
		throw new TorchMissing(`"${program} ${args.slice(0, 3).join(' ')} …" did not succeed (${code}).`);
}
