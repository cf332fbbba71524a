import type { EndpointPreset } from '../preset.ts';

export const openAi: EndpointPreset = {
	id: 'openai',
	title: 'OpenAI',
	place: 'service',
	baseUrl: 'https://api.openai.com/v1',
	keyPage: 'https://platform.openai.com/api-keys',
	start: null,
	allowPage: 'Every page is allowed; nothing is to be set.',
	models: [
		{ id: 'gpt-4o-mini', needs: 'cheap' },
		{ id: 'gpt-4.1-mini', needs: 'cheap' },
		{ id: 'gpt-4o', needs: 'dear' },
	],
	advice: {
		'endpoint-unreachable': 'OpenAI: check the network; https://status.openai.com shows its own state.',
		'endpoint-cors': 'OpenAI allows every page: an extension or a proxy of the network removes its headers.',
		'endpoint-not-found':
			'OpenAI: https://platform.openai.com/docs/models lists the names; some need a verified organisation.',
		'endpoint-key-refused': 'OpenAI: make a key at https://platform.openai.com/api-keys.',
		'endpoint-forbidden': 'OpenAI: allow the model in the limits of the key’s project.',
		'endpoint-no-credit': 'OpenAI: add credit at https://platform.openai.com/settings/organization/billing.',
		'endpoint-rate-limited':
			'OpenAI: https://platform.openai.com/settings/organization/limits shows the limits of the account.',
	},
	docs: 'https://platform.openai.com/docs/api-reference/chat',
};
