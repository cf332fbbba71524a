import { writePeftAdapter } from '../../adapter/peft.ts';
import { stackAdapters } from '../../adapter/stack.ts';
import { StorageError } from '../../errors.ts';
import { zip } from '../../format/zip.ts';
import { fileName, type RunExport } from '../export.ts';

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
		const { weights, config } = writePeftAdapter(whole, { base_model_name_or_path: record.recipe.model });
		const text = new TextEncoder().encode(JSON.stringify(config, null, 2));
		// PEFT reads a folder whose two files have these names.
		const content = zip(
			[
				{ name: 'adapter_model.safetensors', content: weights },
				{ name: 'adapter_config.json', content: text },
			],
			record.createdAt,
		);
		return [{ name: fileName(record, 'adapter.zip'), type: 'application/zip', content }];
	},
};
