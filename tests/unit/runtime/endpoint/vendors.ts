/** Test servers that behave like those of the presets, in the differences that their documentation names. */
import type { ServerResponse } from 'node:http';
import { completion, delta, event, json, type Asked, type Handler } from './server.ts';

const MODEL = 'teacher';

/** Streams a reply; the count of tokens comes in a chunk of its own if the request asks for it, or never. */
function stream(response: ServerResponse, { body }: Asked, counts: 'asked' | 'never'): void {
	const options = body['stream_options'] as { include_usage?: boolean } | undefined;
	const usage = { choices: [], usage: { prompt_tokens: 21, completion_tokens: 3, total_tokens: 24 } };
	const counted = counts === 'asked' && options?.include_usage === true;
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	response.end(
		[delta('rea'), delta('dy'), delta('', 'stop'), ...(counted ? [usage] : []), '[DONE]'].map(event).join(''),
	);
}

interface Behaviour {
	list: unknown;
	/** The answer to a model that it does not have. */
	missing: { status: number; body: unknown };
	counts?: 'asked' | 'never';
	/** Refuses requests without this key, in its own form. */
	key?: { value: string; refusal: unknown };
	/** Paths beside `/v1`. */
	others?: Readonly<Record<string, unknown>>;
	/** The answer at any other path. */
	nowhere?: (response: ServerResponse) => void;
}

function vendor({ list, missing, counts = 'asked', key, others = {}, nowhere }: Behaviour): Handler {
	return (response, asked) => {
		const { path, headers, body } = asked;
		if (key !== undefined && headers.authorization !== `Bearer ${key.value}`) {
			json(response, key.refusal, 401);
			return;
		}
		if (path in others) {
			json(response, others[path]);
			return;
		}
		if (path === '/v1/models') {
			json(response, list);
			return;
		}
		if (path !== '/v1/chat/completions') {
			if (nowhere === undefined) json(response, { detail: 'Not Found' }, 404);
			else nowhere(response);
			return;
		}
		if (body['model'] !== MODEL) {
			json(response, missing.body, missing.status);
			return;
		}
		if (body['stream'] === true) {
			stream(response, asked, counts);
			return;
		}
		json(response, completion('ready'));
	};
}

const openAiList = { object: 'list', data: [{ id: MODEL, object: 'model', owned_by: 'x' }] };

export const ollama = vendor({
	list: { object: 'list', data: [{ id: MODEL, object: 'model', created: 0, owned_by: 'library' }] },
	others: { '/api/tags': { models: [{ name: MODEL, model: MODEL, size: 1 }] } },
	missing: {
		status: 404,
		body: {
			error: {
				message: 'model "nobody" not found, try pulling it first',
				type: 'api_error',
				param: null,
				code: null,
			},
		},
	},
	nowhere: (response) =>
		void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found'),
});

/** Answers unknown paths with status 200 and an error. */
export const lmStudio = vendor({
	list: openAiList,
	counts: 'asked',
	missing: { status: 404, body: { error: { message: 'Model not found', code: 'model_not_found' } } },
	nowhere: (response) => json(response, { error: 'Unexpected endpoint or method. (GET /)' }),
});

/** Has one model; while it loads, every request is refused. */
export const llamaCpp = vendor({
	list: { object: 'list', data: [{ id: MODEL, object: 'model', meta: { n_ctx_train: 8192 } }], models: [] },
	counts: 'never',
	missing: {
		status: 503,
		body: { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
	},
	key: {
		value: 'local-key',
		refusal: { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } },
	},
});

export const vllm = vendor({
	list: { object: 'list', data: [{ id: MODEL, object: 'model', max_model_len: 8192 }] },
	missing: {
		status: 404,
		body: {
			error: {
				message: 'The model `nobody` does not exist.',
				type: 'NotFoundError',
				param: 'model',
				code: 404,
			},
		},
	},
});

export const openRouter = vendor({
	list: {
		data: [
			{ id: MODEL, name: 'Teacher', pricing: { prompt: '0.0000004', completion: '0.0000016', request: '0' } },
			{ id: 'auto', name: 'Auto', pricing: { prompt: '-1', completion: '-1' } },
			{ id: 'gift:free', name: 'Gift', pricing: { prompt: '0', completion: '0' } },
		],
	},
	missing: { status: 400, body: { error: { message: 'nobody is not a valid model ID', code: 400 } } },
	key: { value: 'or-key', refusal: { error: { message: 'No auth credentials found', code: 401 } } },
});
