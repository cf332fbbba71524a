import { fileName, type RunExport } from '../export.ts';

export const stepMetrics: RunExport = {
	id: 'metrics',
	label: 'Curves',
	detail: 'one JSON line per step, TRL’s names',
	write: ({ record }) => {
		const content = record.metrics.map((row) => `${JSON.stringify(row)}\n`).join('');
		return Promise.resolve([{ name: fileName(record, 'metrics.jsonl'), type: 'application/jsonl', content }]);
	},
};
