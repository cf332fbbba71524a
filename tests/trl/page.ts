/** Runs of the page with the real engine and the embedded model, exported for TRL and unpacked. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSourceOf } from '#app/run/exportSource.ts';
import { Session } from '#app/session.svelte.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { trlFolder } from '#core/exchange/exports/trlFolder.ts';
import type { StepMetrics } from '#core/loss/metrics.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { anchorPorts } from '#tests/support/anchorPorts.ts';
import { PYTHON } from './python.ts';

/** Thirty steps of six pairs, on so few pairs that epochs end inside a batch. */
export const RECIPE: Recipe = {
	...DEFAULT_RECIPE,
	prompts: { ...DEFAULT_RECIPE.prompts, count: 40 },
	training: { ...DEFAULT_RECIPE.training, steps: 30, batchPairs: 6, checkpointEvery: 0, evaluateEvery: 0 },
	evaluation: { ...DEFAULT_RECIPE.evaluation, count: 4, maxTokens: 4 },
};

export interface ExportedRun {
	metrics: readonly StepMetrics[];
	pairs: readonly PreferencePair[];
	/** After the last step. */
	adapter: Adapter;
	/** The unpacked archive. */
	folder: string;
}

/** Plays a recipe to its end, in a second round on its own adapter if `rounds` is 2, and exports the last run. */
export async function exportedRun(recipe: Recipe, rounds: 1 | 2 = 1): Promise<ExportedRun> {
	const { ports, dispose } = anchorPorts();
	const session = new Session(ports);
	await session.start();
	session.draft.load(recipe);
	await played(session);
	if (rounds === 2) {
		await session.anotherRound();
		await played(session);
	}
	const source = exportSourceOf(session.run, session.engines);
	const adapter = await source?.adapter();
	if (source === null || adapter == null) throw new Error('The run has no adapter.');
	const [file] = await trlFolder.write(source);
	await dispose();
	const { metrics, pairs } = source.record;
	return { metrics, pairs, adapter, folder: unpacked(file?.content) };
}

async function played(session: Session): Promise<void> {
	await session.startRun();
	if (session.run.failure !== null) throw new Error(session.run.failure.title);
}

const FOLDERS = mkdtempSync(join(tmpdir(), 'anchorage-trl-'));

/** Deletes the folders of all exported runs. */
export const deleteFolders = (): void => rmSync(FOLDERS, { recursive: true });

function unpacked(archive: string | Uint8Array | undefined): string {
	if (!(archive instanceof Uint8Array)) throw new Error('The export is no archive.');
	const folder = mkdtempSync(join(FOLDERS, 'run-'));
	writeFileSync(`${folder}.zip`, archive);
	execFileSync(PYTHON, ['-m', 'zipfile', '-e', `${folder}.zip`, folder]);
	return folder;
}
