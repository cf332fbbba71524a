import { RUN_FILE_ENDING, writeRunFile } from '../../run/runFile.ts';
import { fileStem, type RunExport } from '../export.ts';

export const wholeRun: RunExport = {
	id: 'run',
	label: 'Whole run',
	detail: 'one file; the Shelf opens it, here or elsewhere',
	async write({ record, adapter }) {
		const shown = await adapter();
		const content = await writeRunFile({ record, adapters: shown === null ? [] : [shown] });
		return [{ name: `${fileStem(record.name)}${RUN_FILE_ENDING}`, type: 'application/gzip', content }];
	},
};
