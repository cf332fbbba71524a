import type { EndpointPreset } from '../preset.ts';

export const ollama: EndpointPreset = {
	id: 'ollama',
	title: 'Ollama',
	place: 'machine',
	baseUrl: 'http://localhost:11434/v1',
	keyPage: null,
	start: 'OLLAMA_ORIGINS={origin} ollama serve',
	allowPage:
		'Pages on localhost are allowed. For another page, set OLLAMA_ORIGINS={origin} and restart Ollama; as a desktop app it reads the variable at its next start.',
	models: [
		{ id: 'qwen2.5:3b', needs: '1.9 GB on disk, 4 GB of memory' },
		{ id: 'gemma3:4b', needs: '3.3 GB on disk, 6 GB of memory' },
		{ id: 'qwen2.5:7b', needs: '4.7 GB on disk, 8 GB of memory' },
		{ id: 'llama3.1:8b', needs: '4.9 GB on disk, 8 GB of memory' },
		{ id: 'gemma3:12b', needs: '8.1 GB on disk, 12 GB of memory' },
	],
	advice: {
		'endpoint-unreachable': 'Ollama: start it with “ollama serve”, or open its desktop app.',
		'endpoint-cors': 'Ollama: set OLLAMA_ORIGINS={origin} and restart it.',
		'endpoint-not-found':
			'Ollama: download the model with “ollama pull {model}”; “ollama list” shows the names.',
		'endpoint-key-refused':
			'Ollama itself asks for no key: a proxy before it does, or the model runs in Ollama’s cloud, which needs “ollama signin”.',
		'endpoint-timeout':
			'Ollama loads the model at the first request and answers few requests at once: set “asked at once” to 1 or 2.',
	},
	docs: 'https://docs.ollama.com/api/openai-compatibility',
};
