/**
 * The embedded cast as an OpenAI-compatible endpoint: a pure function from Request to Response. The dev and preview server
 * mount it on /v1 (scripts/vite-endpoint.ts); on static hosting the page calls it directly (inPage.ts). Each model reads its
 * request and answers in the requested form, like any other model; a model's name can carry settings, see core/cast. One word
 * counts as one token.
 */
import * as v from 'valibot';
import { CAST, castMember } from '#core/cast/registry.ts';
import { hash32 } from '#core/math/hash.ts';
import type { Message } from '#core/output/output.ts';

export const EMBEDDED_MODEL = 'embedded-reviser';

const textPart = v.looseObject({ type: v.literal('text'), text: v.string() });

const requestSchema = v.looseObject({
	model: v.string(),
	messages: v.pipe(
		v.array(
			v.looseObject({
				role: v.picklist(['system', 'developer', 'user', 'assistant']),
				content: v.union([v.string(), v.array(textPart)]),
			}),
		),
		v.minLength(1),
	),
	seed: v.nullish(v.pipe(v.number(), v.integer()), 0),
	stream: v.nullish(v.boolean(), false),
	stream_options: v.nullish(v.looseObject({ include_usage: v.optional(v.boolean(), false) })),
	max_tokens: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
	max_completion_tokens: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

type ChatCompletionRequest = v.InferOutput<typeof requestSchema>;

interface Answer {
	model: string;
	words: readonly string[];
	finishReason: 'stop' | 'length';
	promptTokens: number;
	id: string;
	created: number;
}

/** Answers `POST …/chat/completions` and `GET …/models`; any other request gets an error in OpenAI's form. */
export async function handleChatCompletions(request: Request): Promise<Response> {
	const { pathname } = new URL(request.url);
	if (pathname.endsWith('/models')) {
		if (request.method === 'GET') return modelList();
		return request.method === 'HEAD' ? withoutBody(modelList()) : wrongMethod(request.method, 'GET');
	}
	if (!pathname.endsWith('/chat/completions')) {
		return failure(
			404,
			`Nothing is at ${pathname}. Ask POST /v1/chat/completions or GET /v1/models.`,
			'not_found',
		);
	}
	if (request.method !== 'POST') return wrongMethod(request.method, 'POST');
	let body: unknown;
	try {
		body = await request.json();
	} catch {
		return failure(400, 'The body is not JSON.', 'invalid_json');
	}
	return answerTo(body);
}

function answerTo(body: unknown): Response {
	const parsed = v.safeParse(requestSchema, body);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		const path = v.getDotPath(issue);
		return failure(400, `${path ?? 'The body'}: ${issue.message}.`, 'invalid_request', path);
	}
	const { model: name, stream, stream_options: options } = parsed.output;
	const member = castMember(name);
	if (member === null) {
		const known = CAST.map(({ id }) => id).join(', ');
		return failure(404, `There is no model ${name} here; known are ${known}.`, 'model_not_found', 'model');
	}
	if ('problem' in member) return failure(400, member.problem, 'invalid_request', 'model');
	const messages = messagesOf(parsed.output);
	const reply = member.model.reply(messages, parsed.output.seed, member.values);
	if ('refused' in reply)
		return failure(422, `${member.model.id} cannot answer this prompt: ${reply.refused}`, 'cannot_answer');
	const answer = compose(parsed.output, messages, reply.text);
	return stream ? streamed(answer, options?.include_usage === true) : whole(answer);
}

function messagesOf({ messages }: ChatCompletionRequest): readonly Message[] {
	return messages.map(({ role, content }) => ({
		role: role === 'developer' ? ('system' as const) : role,
		content: typeof content === 'string' ? content : content.map((part) => part.text).join(''),
	}));
}

function compose(request: ChatCompletionRequest, messages: readonly Message[], text: string): Answer {
	const words = splitWords(text);
	const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
	const asked = messages.map(({ content }) => content).join('\n');
	return {
		model: request.model,
		words: words.slice(0, limit),
		finishReason: words.length > limit ? 'length' : 'stop',
		promptTokens: splitWords(asked).length,
		id: `chatcmpl-${hash32(`${request.seed}:${asked}`).toString(16).padStart(8, '0')}`,
		created: Math.floor(Date.now() / 1000),
	};
}

/** Splits into words with their preceding white space, so that joining them restores the text. */
function splitWords(text: string): string[] {
	return text.match(/\s*\S+|\s+$/g) ?? [];
}

function usageOf(answer: Answer): object {
	const completion = answer.words.length;
	return {
		prompt_tokens: answer.promptTokens,
		completion_tokens: completion,
		total_tokens: answer.promptTokens + completion,
	};
}

function whole(answer: Answer): Response {
	return Response.json({
		id: answer.id,
		object: 'chat.completion',
		created: answer.created,
		model: answer.model,
		choices: [
			{
				index: 0,
				message: { role: 'assistant', content: answer.words.join(''), refusal: null },
				logprobs: null,
				finish_reason: answer.finishReason,
			},
		],
		usage: usageOf(answer),
	});
}

function streamed(answer: Answer, includeUsage: boolean): Response {
	const chunk = (choices: object[], more: object = {}): string => {
		const { id, created, model } = answer;
		const value = { id, object: 'chat.completion.chunk', created, model, choices, ...more };
		return `data: ${JSON.stringify(value)}\n\n`;
	};
	const choice = (delta: object, finish: string | null = null): object[] => [
		{ index: 0, delta, logprobs: null, finish_reason: finish },
	];
	const events = [
		chunk(choice({ role: 'assistant', content: '' })),
		...answer.words.map((word) => chunk(choice({ content: word }))),
		chunk(choice({}, answer.finishReason)),
		...(includeUsage ? [chunk([], { usage: usageOf(answer) })] : []),
		'data: [DONE]\n\n',
	];
	const encoder = new TextEncoder();
	const queue = events.values();
	const stream = new ReadableStream<Uint8Array>({
		pull(controller) {
			const next = queue.next();
			if (next.done === true) controller.close();
			else controller.enqueue(encoder.encode(next.value));
		},
	});
	return new Response(stream, {
		headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
	});
}

function modelList(): Response {
	return Response.json({
		object: 'list',
		data: CAST.map(({ id }) => ({ id, object: 'model', created: 0, owned_by: 'anchorage' })),
	});
}

function withoutBody({ status, headers }: Response): Response {
	return new Response(null, { status, headers });
}

function wrongMethod(method: string, right: string): Response {
	return failure(405, `${method} is not allowed here; use ${right}.`, 'method_not_allowed');
}

function failure(status: number, message: string, code: string, param: string | null = null): Response {
	return Response.json({ error: { message, type: 'invalid_request_error', param, code } }, { status });
}
