import { RUN_FILE_ENDING, writeRunFile } from '../../run/runFile.ts';
import { fileStem, type RunExport } from '../export.ts';

export const wholeRun: RunExport = {
	id: 'run',
	label: 'Whole run',
	detail: 'one file; the Shelf opens it, here or elsewhere',
	async write({ record, adapter, parent }) {
		const shown = await adapter();
		const begun = (await parent?.()) ?? null;
		const adapters = shown === null ? [] : [shown];
		const content = await writeRunFile({ record, adapters, ...(begun === null ? {} : { parent: begun }) });
		return [{ name: `${fileStem(record.name)}${RUN_FILE_ENDING}`, type: 'application/gzip', content }];
	},
};
