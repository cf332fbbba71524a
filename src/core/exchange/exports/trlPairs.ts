import { writePairsJsonl } from '../../pair/jsonl.ts';
import { fileName, type RunExport } from '../export.ts';

export const trlPairs: RunExport = {
	id: 'pairs',
	label: 'Pairs',
	detail:
		'JSONL for TRL, which puts an end token after every answer; the column “open” marks answers that were cut',
	write: ({ record }) =>
		Promise.resolve([
			{
				name: fileName(record, 'pairs.jsonl'),
				type: 'application/jsonl',
				content: writePairsJsonl(record.pairs),
			},
		]),
};
