/** Parses and validates chat completions: servers differ, and some answer with a page. */
import * as v from 'valibot';
import type { FinishReason } from '#core/output/output.ts';
import type { ChatReply } from '#core/ports.ts';
import { cutOff, fromStatus, notAReply, notJson, type Target } from './failure.ts';

const textPart = v.looseObject({ text: v.string() });
/** Most servers send a string, some a list of parts. */
const content = v.union([v.string(), v.array(textPart)]);
const usage = v.nullish(v.looseObject({ completion_tokens: v.optional(v.number(), 0) }));

const completion = v.looseObject({
	choices: v.tupleWithRest(
		[
			v.looseObject({
				message: v.looseObject({ content: v.nullish(content), refusal: v.nullish(v.string()) }),
				finish_reason: v.nullish(v.string()),
			}),
		],
		v.unknown(),
	),
	usage,
});

const chunk = v.looseObject({
	choices: v.optional(
		v.array(
			v.looseObject({
				delta: v.nullish(v.looseObject({ content: v.nullish(content), refusal: v.nullish(v.string()) })),
				finish_reason: v.nullish(v.string()),
			}),
		),
		[],
	),
	usage,
});

const errorBody = v.looseObject({ error: v.union([v.string(), v.looseObject({})]) });

/**
 * @param body the whole body as text
 * @throws RemoteError `endpoint-html`, `endpoint-not-json`, `endpoint-cut-off`, `endpoint-reply-invalid`
 */
export function parseCompletion(target: Target, body: string): ChatReply {
	const json = parseJson(target, body);
	if (v.is(errorBody, json)) throw fromStatus(target, 500, body, null);
	const result = v.safeParse(completion, json);
	if (!result.success) throw notAReply(target, missingField(result.issues[0]));
	const [choice] = result.output.choices;
	const text = joinParts(choice.message.content) ?? choice.message.refusal ?? null;
	if (text === null) throw notAReply(target, 'choices[0].message.content');
	return {
		text,
		finishReason: readFinish(choice.finish_reason),
		tokens: result.output.usage?.completion_tokens ?? 0,
		tokenIds: null,
	};
}

/** Parses the body. JSON that ends early means a cut-off answer, not a wrong server. */
function parseJson(target: Target, body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		throw /^\s*[{[]/.test(body) ? cutOff(target, body) : notJson(target, body);
	}
}

/** Reads the ids of `GET /models`. */
export function parseModelList(target: Target, body: string): readonly string[] {
	const list = v.looseObject({ data: v.array(v.looseObject({ id: v.string() })) });
	const result = v.safeParse(list, parseJson(target, body));
	if (!result.success) throw notAReply(target, missingField(result.issues[0]));
	return result.output.data.map((model) => model.id);
}

/** Accumulates the chunks of a streamed reply. */
export class StreamedReply {
	text = '';
	#tokens = 0;
	#finish: string | null = null;
	readonly #target: Target;

	constructor(target: Target) {
		this.#target = target;
	}

	/** @returns true if the chunk contained text */
	add(raw: unknown): boolean {
		const result = v.safeParse(chunk, raw);
		if (!result.success) throw notAReply(this.#target, missingField(result.issues[0]));
		const [choice] = result.output.choices;
		const piece = joinParts(choice?.delta?.content) ?? choice?.delta?.refusal ?? '';
		this.text += piece;
		this.#finish = choice?.finish_reason ?? this.#finish;
		this.#tokens = result.output.usage?.completion_tokens ?? this.#tokens;
		return piece !== '';
	}

	/** @throws RemoteError `endpoint-cut-off` if no chunk had a finish reason */
	end(): ChatReply {
		if (this.#finish === null) throw cutOff(this.#target, this.text);
		return {
			text: this.text,
			finishReason: readFinish(this.#finish),
			tokens: this.#tokens,
			tokenIds: null,
		};
	}
}

function joinParts(value: v.InferOutput<typeof content> | null | undefined): string | null {
	if (typeof value === 'string') return value;
	return value?.map((part) => part.text).join('') ?? null;
}

function readFinish(reason: string | null | undefined): FinishReason {
	return reason === 'length' ? 'length' : 'stop';
}

function missingField(issue: v.BaseIssue<unknown>): string {
	return v.getDotPath(issue) ?? 'everything a reply has';
}
