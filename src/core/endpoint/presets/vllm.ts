import type { EndpointPreset } from '../preset.ts';

export const vllm: EndpointPreset = {
	id: 'vllm',
	title: 'vLLM',
	place: 'machine',
	baseUrl: 'http://localhost:8000/v1',
	keyPage: null,
	start: 'vllm serve Qwen/Qwen2.5-7B-Instruct --max-model-len 8192',
	allowPage:
		'Every page is allowed, unless vLLM was started with --allowed-origins; then add this page: --allowed-origins \'["{origin}"]\'.',
	models: [
		{ id: 'Qwen/Qwen2.5-3B-Instruct', needs: '6 GB of weights, a GPU of 12 GB' },
		{ id: 'Qwen/Qwen2.5-7B-Instruct', needs: '15 GB of weights, a GPU of 24 GB' },
		{ id: 'Qwen/Qwen2.5-14B-Instruct-AWQ', needs: '10 GB of weights, a GPU of 16 GB' },
	],
	advice: {
		'endpoint-unreachable':
			'vLLM: start “vllm serve {model}”; it answers after the weights are loaded, which takes minutes.',
		'endpoint-cors': 'vLLM: start it with --allowed-origins \'["{origin}"]\'.',
		'endpoint-not-found':
			'vLLM: one server has one model, with the name that it was started with, or its --served-model-name.',
		'endpoint-key-refused': 'vLLM: enter the key that it was started with (--api-key).',
		'endpoint-request-refused':
			'vLLM: if it names the context length, lower “longest reply” or start it with a larger --max-model-len.',
	},
	docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
};
