import { stackAdapters } from '../../adapter/stack.ts';
import { StorageError } from '../../errors.ts';
import { zip } from '../../format/zip.ts';
import { fileName, type RunExport } from '../export.ts';
import { peftFiles } from '../peftFiles.ts';

export const peftAdapter: RunExport = {
	id: 'adapter',
	label: 'Adapter',
	detail: 'ZIP of the two files that PEFT reads, for the base model',
	async write({ record, adapter, parent }) {
		const shown = await adapter();
		if (shown === null) {
			throw new StorageError('This run has no checkpoint to export.', {
				code: 'checkpoint-missing',
				hint: 'Continue training to the next checkpoint, then export.',
			});
		}
		const begun = (await parent?.()) ?? null;
		// PEFT applies one adapter to the plain base, so an adapter that began from another one is stacked on it.
		const whole = begun === null ? shown : stackAdapters(begun, shown);
		const content = zip(peftFiles(whole, record.recipe.model), record.createdAt);
		return [{ name: fileName(record, 'adapter.zip'), type: 'application/zip', content }];
	},
};
