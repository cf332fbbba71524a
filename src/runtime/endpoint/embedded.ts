/**
 * The embedded reviser as an OpenAI-compatible endpoint: a pure function from Request to Response. The dev
 * and preview server mount it on /v1 (scripts/vite-endpoint.ts); on static hosting the page calls it directly
 * (inPage.ts). It reads CLAIR's request and answers in CLAIR's form, like any other model. One word counts as
 * one token.
 */
import * as v from 'valibot';
import { hash32 } from '#core/math/hash.ts';
import { readRevisionRequest, revisionReply } from '#core/revision/request.ts';
import { reviseAnswer } from '#core/world/registry.ts';

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
	const { model } = parsed.output;
	if (model !== EMBEDDED_MODEL) {
		return failure(
			404,
			`There is no model ${model} here, only ${EMBEDDED_MODEL}.`,
			'model_not_found',
			'model',
		);
	}
	const answer = compose(parsed.output);
	if (!parsed.output.stream) return whole(answer);
	return streamed(answer, parsed.output.stream_options?.include_usage === true);
}

function compose(request: ChatCompletionRequest): Answer {
	const messages = request.messages.map(({ role, content }) => ({
		role: role === 'developer' ? ('system' as const) : role,
		content: typeof content === 'string' ? content : content.map((part) => part.text).join(''),
	}));
	const words = splitWords(reply(messages, request.seed));
	const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
	const asked = messages.map(({ content }) => content).join('\n');
	return {
		words: words.slice(0, limit),
		finishReason: words.length > limit ? 'length' : 'stop',
		promptTokens: splitWords(asked).length,
		id: `chatcmpl-${hash32(`${request.seed}:${asked}`).toString(16).padStart(8, '0')}`,
		created: Math.floor(Date.now() / 1000),
	};
}

function reply(messages: Parameters<typeof readRevisionRequest>[0], seed: number): string {
	const task = readRevisionRequest(messages);
	if (task === null) {
		return (
			'I cannot chat: I am the reviser of the built-in worlds, and I only answer requests for a minimal revision ' +
			'in the form that the workbench sends.'
		);
	}
	const revision = reviseAnswer(task.prompt, task.output, seed);
	if (revision === null) {
		return (
			'I cannot revise this answer: I only know the tasks of the built-in worlds, and this prompt is not one of them. ' +
			'Choose another endpoint for your own prompts.'
		);
	}
	if ('refused' in revision) return `I cannot revise this answer: ${revision.refused}`;
	return revisionReply(revision.reasoning, revision.revised);
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
		model: EMBEDDED_MODEL,
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
		const { id, created } = answer;
		const value = { id, object: 'chat.completion.chunk', created, model: EMBEDDED_MODEL, choices, ...more };
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
		data: [{ id: EMBEDDED_MODEL, object: 'model', created: 0, owned_by: 'anchorage' }],
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
