// torch + PEFT as a peer: a virtual environment of its own, made on first use, and a process that does a step when it is told to.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../install.mjs';
import { Stopped } from './resources.mjs';

/** @typedef {import('./resources.mjs').Resources} Resources */
/** @typedef {import('./rounds.mjs').Engine & { device: string, versions: Record<string, string> }} TorchPeer */

const REQUIREMENTS = join(ROOT, 'bench', 'torch', 'requirements.txt');
const VENV = join(ROOT, '.cache', 'torch');
const STAMP = join(VENV, 'anchorage-requirements');
/** Like the other peers, which have the two cores that the benchmark is described for. */
const THREADS = 2;

/** Why there is no torch here; the benchmark goes on without it. */
export class TorchMissing extends Error {}

/**
 * A Python that has the packages: the one that ANCHORAGE_BENCH_PYTHON names, or that of an environment made now.
 *
 * @param {Resources} resources
 * @param {(text: string) => void} say
 * @returns {Promise<string>}
 * @throws {TorchMissing}
 */
async function findPython(resources, say) {
	const named = process.env['ANCHORAGE_BENCH_PYTHON'];
	if (named !== undefined && named !== '') return named;
	const python = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
	const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
	if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return python;
	say(
		'Installing torch + PEFT into .cache/torch (once; on Linux about 3 GB to download, --no-torch does without)…',
	);
	await succeed(resources, 'python3', ['-m', 'venv', VENV]);
	await succeed(resources, python, [
		'-m',
		'pip',
		'install',
		'--quiet',
		'--disable-pip-version-check',
		'-r',
		REQUIREMENTS,
	]);
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

/**
 * @param {Resources} resources
 * @param {string} folder what bench/exportWorkload.ts wrote
 * @param {{ device?: 'cpu' | 'cuda', dtype?: 'float32' | 'bfloat16' }} how
 * @param {(text: string) => void} say
 * @returns {Promise<TorchPeer>}
 * @throws {TorchMissing} where Python or a package is missing, or there is no such device
 */
export async function openTorch(resources, folder, { device = 'cpu', dtype = 'float32' }, say) {
	const python = await findPython(resources, say);
	const script = join(ROOT, 'bench', 'torch', 'peer.py');
	const args = [script, folder, '--device', device, '--dtype', dtype, '--threads', String(THREADS)];
	const child = spawn(python, args, {
		stdio: ['pipe', 'pipe', 'pipe'],
		// Threads that wait by spinning lose everything where the machine does something else besides.
		env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
	});
	await resources.add(child, (it) => it.kill());
	const ask = conversation(child);
	const hello = await ask(null);
	if ('error' in hello) throw new TorchMissing(`torch + PEFT: ${hello.error}.`);
	return {
		pid: child.pid ?? 0,
		device: hello.device,
		versions: hello.versions,
		step: async () => {
			const answer = await ask('step');
			if ('error' in answer) throw new Error(`torch + PEFT ended: ${answer.error}.`);
			return answer;
		},
		report: async () => null,
	};
}

/**
 * One line out, one line of JSON back; null only waits for the next line. A process that ended answers with its last words.
 *
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 * @returns {(line: string | null) => Promise<any>}
 */
function conversation(child) {
	let complaints = '';
	child.stderr.on('data', (data) => (complaints = (complaints + data).slice(-2000)));
	child.stdin.on('error', () => undefined);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const ended = new Promise((resolve) => {
		child.on('error', (error) => resolve(error.message));
		child.on('exit', () => resolve(null));
	});
	return async (line) => {
		if (line !== null) child.stdin.write(`${line}\n`);
		const next = lines.next();
		const failure = await Promise.race([next.then(() => null), ended]);
		if (typeof failure === 'string') return { error: failure };
		const { value, done } = await next;
		if (done !== true) return JSON.parse(value);
		return { error: complaints.trim().split('\n').at(-1) ?? 'no word of why' };
	};
}
