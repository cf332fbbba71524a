import { unpackRequests } from '../../endpoint/sentRequest.ts';
import { trafficByServer } from '../../endpoint/traffic.ts';
import { fileName, type RunExport } from '../export.ts';

export const sentRequests: RunExport = {
	id: 'sent-requests',
	label: 'Sent requests',
	detail: 'JSON; requests to the reviser with their texts, no key',
	write: ({ record }) => {
		const requests = record.sent === undefined ? [] : unpackRequests(record.sent);
		const content = JSON.stringify({ servers: trafficByServer(requests), requests }, null, '\t');
		return Promise.resolve([
			{ name: fileName(record, 'sent-requests.json'), type: 'application/json', content },
		]);
	},
};
