import type { EndpointPreset } from '../preset.ts';

export const llamaCpp: EndpointPreset = {
	id: 'llama-cpp',
	title: 'llama.cpp server',
	place: 'machine',
	baseUrl: 'http://localhost:8080/v1',
	keyPage: null,
	start: 'llama-server -hf ggml-org/gemma-3-4b-it-GGUF --port 8080 -np 4 -c 16384',
	allowPage: 'Every page is allowed; nothing is to be set.',
	models: [
		{ id: 'ggml-org/gemma-3-4b-it-GGUF', needs: '2.5 GB on disk, 5 GB of memory' },
		{ id: 'bartowski/Qwen2.5-7B-Instruct-GGUF', needs: '4.7 GB on disk, 8 GB of memory' },
		{ id: 'ggml-org/gemma-3-12b-it-GGUF', needs: '7.3 GB on disk, 11 GB of memory' },
	],
	advice: {
		'endpoint-unreachable': 'llama.cpp: start “llama-server -hf {model} --port 8080”.',
		'endpoint-cors':
			'llama.cpp (llama-server) allows every page by default: a proxy before it, or another server at this port, does not.',
		'endpoint-not-found':
			'llama.cpp: one server has one model and takes any name, so the path is wrong: the base URL ends in /v1.',
		'endpoint-key-refused': 'llama.cpp: enter the key that llama-server was started with (--api-key).',
		'endpoint-request-refused':
			'llama.cpp: if it names the context size, start llama-server with a larger -c; -np divides it among its requests.',
		'endpoint-timeout':
			'llama.cpp: set “asked at once” to the number of slots that llama-server was started with (-np).',
	},
	docs: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
};
