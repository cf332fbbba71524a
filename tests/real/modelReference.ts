/** Runs model_reference.py, if REAL_PYTHON names a Python with torch, transformers and PEFT. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Adapter } from '#core/adapter/adapter.ts';
import { PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, writePeftAdapter } from '#core/adapter/peft.ts';
import { smolLm2File } from './files.ts';
import { PYTHON } from './reference.ts';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is the caller's statement
export function modelReference<T>(kind: 'numbers' | 'trace', problem: object, adapter: Adapter): T {
	const folder = mkdtempSync(join(tmpdir(), 'model-'));
	try {
		const { weights, config } = writePeftAdapter(adapter);
		writeFileSync(join(folder, PEFT_WEIGHTS_FILE), weights);
		writeFileSync(join(folder, PEFT_CONFIG_FILE), JSON.stringify(config));
		writeFileSync(join(folder, 'problem.json'), JSON.stringify(problem));
		execFileSync(PYTHON, ['tests/real/model_reference.py', kind, smolLm2File(), folder], {
			// OpenMP's waiting threads would take the cores of other programs.
			env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
			stdio: ['ignore', 'inherit', 'inherit'],
		});
		return JSON.parse(readFileSync(join(folder, `${kind}.json`), 'utf8')) as T;
	} finally {
		rmSync(folder, { recursive: true });
	}
}
