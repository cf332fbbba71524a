/** What a run can be taken away as. Settings and data only: never a key. */
import type { Session } from '#app/session.svelte.ts';
import { StorageError, toWire } from '#core/errors.ts';
import { writePeftAdapter } from '#core/adapter/peft.ts';
import { withoutSecrets } from '#core/recipe/link.ts';
import { RUN_FILE_ENDING } from '#core/run/runFile.ts';
import { saveFile } from '../save.ts';

export function exportChoices(session: Session): { label: string; detail: string; onclick: () => void }[] {
	const { pair, loss } = session.steps;
	return [
		{
			label: 'Whole run',
			detail: 'one file; the Shelf opens it, here or elsewhere',
			onclick: () => void saveRun(session),
		},
		{
			label: 'Pairs',
			detail: 'JSONL for TRL',
			onclick: () => saveFile('pairs.jsonl', pair.toJsonl(), 'application/jsonl'),
		},
		{
			label: 'Adapter',
			detail: 'two files, as PEFT reads them',
			onclick: () => void saveAdapter(session),
		},
		{
			label: 'Curves',
			detail: 'one JSON line a step, TRL’s names',
			onclick: () =>
				saveFile(
					'metrics.jsonl',
					loss.history.map((row) => `${JSON.stringify(row)}\n`).join(''),
					'application/jsonl',
				),
		},
		{
			label: 'Recipe',
			detail: 'JSON; npm run loop reads it too',
			onclick: () =>
				saveFile(
					'recipe.json',
					JSON.stringify(withoutSecrets(session.recipe), null, '\t'),
					'application/json',
				),
		},
	];
}

/** Where the checkpoint cannot be read, the Shelf opens and says why. */
async function saveRun(session: Session): Promise<void> {
	try {
		const bytes = await session.packRun();
		if (bytes !== null) saveFile(fileName(session.run.name), bytes, 'application/gzip');
	} catch (thrown) {
		tellOnShelf(session, thrown);
	}
}

function fileName(run: string): string {
	const safe = run
		.replace(/[^\p{L}\p{N} _-]+/gu, '')
		.trim()
		.replaceAll(' ', '-')
		.toLowerCase();
	return `${safe === '' ? 'run' : safe}${RUN_FILE_ENDING}`;
}

function tellOnShelf(session: Session, thrown: unknown): void {
	session.library.error = toWire(thrown);
	session.place = 'shelf';
}

/** The checkpoint that is shown; where it cannot be read, the Shelf opens and says why. */
async function saveAdapter(session: Session): Promise<void> {
	try {
		const { adapter } = session.steps;
		const kept = adapter.shownStep === null ? null : await adapter.read(adapter.shownStep);
		if (kept === null) {
			throw new StorageError('This run has no checkpoint to export.', {
				code: 'checkpoint-missing',
				hint: 'Go on training to its next checkpoint, then export.',
			});
		}
		const { weights, config } = writePeftAdapter(kept);
		saveFile('adapter_model.safetensors', weights, 'application/octet-stream');
		saveFile('adapter_config.json', JSON.stringify(config, null, 2), 'application/json');
	} catch (thrown) {
		tellOnShelf(session, thrown);
	}
}
