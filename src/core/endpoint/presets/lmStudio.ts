import type { EndpointPreset } from '../preset.ts';

export const lmStudio: EndpointPreset = {
	id: 'lm-studio',
	title: 'LM Studio',
	place: 'machine',
	baseUrl: 'http://localhost:1234/v1',
	keyPage: null,
	start: 'lms server start --cors',
	allowPage:
		'No page is allowed at first: switch on “Enable CORS” in the settings of its local server, or start it with “lms server start --cors”.',
	models: [
		{ id: 'qwen2.5-3b-instruct', needs: '2 GB on disk, 4 GB of memory' },
		{ id: 'google/gemma-3-4b', needs: '3.3 GB on disk, 6 GB of memory' },
		{ id: 'qwen2.5-7b-instruct', needs: '4.7 GB on disk, 8 GB of memory' },
		{ id: 'google/gemma-3-12b', needs: '8.1 GB on disk, 12 GB of memory' },
	],
	advice: {
		'endpoint-unreachable':
			'LM Studio: start the server on its Developer page, or with “lms server start --cors”.',
		'endpoint-cors': 'LM Studio: switch on “Enable CORS” in its server settings.',
		'endpoint-not-found': 'LM Studio: load the model with “lms load {model}”; “lms ls” shows the names.',
		'endpoint-key-refused':
			'LM Studio: make an API token on the Developer page and enter it as the key, or switch off “Require authentication” there.',
		'endpoint-timeout': 'LM Studio answers few requests at once: set “asked at once” to 1 or 2.',
	},
	docs: 'https://lmstudio.ai/docs/developer/openai-compat',
};
