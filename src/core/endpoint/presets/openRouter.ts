import type { EndpointPreset } from '../preset.ts';

export const openRouter: EndpointPreset = {
	id: 'openrouter',
	title: 'OpenRouter',
	place: 'service',
	baseUrl: 'https://openrouter.ai/api/v1',
	keyPage: 'https://openrouter.ai/settings/keys',
	start: null,
	allowPage: 'Every page is allowed; nothing is to be set.',
	models: [
		{ id: 'openai/gpt-4o-mini', needs: 'cheap' },
		{ id: 'qwen/qwen-2.5-72b-instruct', needs: 'cheap' },
		{ id: 'meta-llama/llama-3.3-70b-instruct', needs: 'cheap' },
		{ id: 'openai/gpt-4o', needs: 'dear' },
	],
	advice: {
		'endpoint-unreachable':
			'OpenRouter: check the network; https://status.openrouter.ai shows its own state.',
		'endpoint-cors':
			'OpenRouter allows every page: an extension or a proxy of the network removes its headers.',
		'endpoint-not-found':
			'OpenRouter: names have the form vendor/model; https://openrouter.ai/models lists them.',
		'endpoint-key-refused': 'OpenRouter: make a key at https://openrouter.ai/settings/keys.',
		'endpoint-forbidden': 'OpenRouter: its providers moderate some models; choose another model.',
		'endpoint-no-credit':
			'OpenRouter: add credits at https://openrouter.ai/settings/credits, or choose a model whose name ends in :free.',
		'endpoint-rate-limited':
			'OpenRouter: models whose name ends in :free have a low limit per minute and per day.',
	},
	docs: 'https://openrouter.ai/docs/quickstart',
};
