import { writePeftAdapter } from '../../adapter/peft.ts';
import { stackAdapters } from '../../adapter/stack.ts';
import { StorageError } from '../../errors.ts';
import type { RunExport } from '../export.ts';

export const peftAdapter: RunExport = {
	id: 'adapter',
	label: 'Adapter',
	detail: 'two files, as PEFT reads them, for the base model',
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
		return [
			{ name: 'adapter_model.safetensors', type: 'application/octet-stream', content: weights },
			{ name: 'adapter_config.json', type: 'application/json', content: JSON.stringify(config, null, 2) },
		];
	},
};
