/** The Python of scripts/test-trl.mjs, and the programs of an exported folder in it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Set by scripts/test-trl.mjs. */
export const PYTHON = process.env['ANCHORAGE_TRL_PYTHON'] ?? '';

/** Trains on the processor: torchrun, because accelerate starts several processes there with MPI only. */
export function train(folder: string, processes: number): void {
	setting(folder, 'use_cpu: false', 'use_cpu: true');
	python(['-m', 'torch.distributed.run', '--nproc_per_node', String(processes), 'train.py'], folder);
}

/** Changes a line of a folder's settings. */
export function setting(folder: string, old: string, changed: string): void {
	const file = join(folder, 'settings.yaml');
	writeFileSync(file, readFileSync(file, 'utf8').replace(old, changed));
}

/** The output of the folder's `compare.py`. */
export const compared = (folder: string): string => python(['compare.py'], folder);

/** TRL's metrics of every step, and the rows that a process had at once. */
export function trained(folder: string): { steps: Readonly<Record<string, number>>[]; rowsAtOnce: number } {
	const state = JSON.parse(readFileSync(join(folder, 'tuned/trainer_state.json'), 'utf8')) as {
		log_history: Record<string, number>[];
		train_batch_size: number;
	};
	return {
		steps: state.log_history.filter((row) => 'loss' in row),
		rowsAtOnce: state.train_batch_size,
	};
}

export function python(args: readonly string[], folder: string): string {
	return execFileSync(PYTHON, args, {
		cwd: folder,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {
			...process.env,
			// One thread a process, so that two processes do not take each other's cores.
			OMP_NUM_THREADS: '1',
			OMP_WAIT_POLICY: 'passive',
			// Everything is in the folder.
			HF_HUB_OFFLINE: '1',
			HF_HOME: resolve(folder, 'cache'),
			TQDM_DISABLE: '1',
			TOKENIZERS_PARALLELISM: 'false',
		},
	});
}
