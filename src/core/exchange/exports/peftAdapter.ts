import { writePeftAdapter } from '../../adapter/peft.ts';
import { StorageError } from '../../errors.ts';
import type { RunExport } from '../export.ts';

export const peftAdapter: RunExport = {
	id: 'adapter',
	label: 'Adapter',
	detail: 'two files, as PEFT reads them',
	async write({ adapter }) {
		const shown = await adapter();
		if (shown === null) {
			throw new StorageError('This run has no checkpoint to export.', {
				code: 'checkpoint-missing',
				hint: 'Continue training to the next checkpoint, then export.',
			});
		}
		const { weights, config } = writePeftAdapter(shown);
		return [
			{ name: 'adapter_model.safetensors', type: 'application/octet-stream', content: weights },
			{ name: 'adapter_config.json', type: 'application/json', content: JSON.stringify(config, null, 2) },
		];
	},
};
