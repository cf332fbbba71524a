// The process of bench/torch/peer.py: sends one line, receives one line of JSON. It reads no folder of the
// project, so that it also runs from a bundle.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @typedef {import('./resources.mjs').Resources} Resources */
/**
 * @typedef {import('./rounds.mjs').Engine & { device: string, versions: Record<string, string>,
 *   ask: (line: string) => Promise<any> }} TorchPeer `ask` sends a line that the script knows
 */

/** Threads for torch: as many as the cores that the benchmark is described for. */
const THREADS = 2;

/** Reason why torch is missing; the benchmark continues without it. */
export class TorchMissing extends Error {}

/**
 * @param {Resources} resources
 * @param {{ python: string, script: string, folder: string, device?: 'cpu' | 'cuda', dtype?: 'float32' |
 *   'bfloat16' }} how
 *   `folder` is the output of bench/workloads/exportWorkload.ts
 * @returns {Promise<TorchPeer>}
 * @throws {TorchMissing} if Python, a package or the device is missing
 */
export async function openTorchPeer(
	resources,
	{ python, script, folder, device = 'cpu', dtype = 'float32' },
) {
	const args = [script, folder, '--device', device, '--dtype', dtype, '--threads', String(THREADS)];
	const child = spawn(python, args, {
		stdio: ['pipe', 'pipe', 'pipe'],
		// Spinning threads lose much time if the machine is also doing other work.
		env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
	});
	await resources.add(child, (it) => it.kill());
	const ask = conversation(child);
	const hello = await ask(null);
	if ('error' in hello) throw new TorchMissing(hello.error);
	return {
		pid: child.pid ?? 0,
		device: hello.device,
		versions: hello.versions,
		ask,
		step: async (count = 1) => {
			const answer = await ask(`step ${count}`);
			if ('error' in answer) throw new Error(`torch + PEFT ended: ${answer.error}`);
			return answer;
		},
		report: async () => null,
	};
}

/**
 * Sends a line and waits for the next line of answer; null only waits. If the process has ended, fails with
 * its last output.
 *
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 * @returns {(line: string | null) => Promise<any>}
 */
function conversation(child) {
	let complaints = '';
	child.stderr.on('data', (data) => (complaints = (complaints + data).slice(-2000)));
	// A write after the end of the process is ignored here; the answer reports the end.
	child.stdin.on('error', () => undefined);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	/** @type {Promise<string>} */
	const notStarted = new Promise((resolve) => child.on('error', (error) => resolve(error.message)));
	return async (line) => {
		if (line !== null) child.stdin.write(`${line}\n`);
		const next = await Promise.race([lines.next(), notStarted]);
		if (typeof next === 'string') return { error: next };
		if (next.done !== true) return JSON.parse(next.value);
		const lastWords = complaints.trim().split('\n').at(-1);
		return { error: lastWords === undefined || lastWords === '' ? 'it said nothing' : lastWords };
	};
}
