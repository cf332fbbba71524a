/**
 * Reads chat completions, whole or in chunks. Servers differ, so this asks only for what a reply needs: a choice
 * with text. Every other field may be absent, null, or of another form.
 */
import type { TokenPrice, TokenUsage } from '#core/endpoint/sentRequest.ts';
import type { ChatReply, OfferedModel } from '#core/ports.ts';
import { isReadable, readContent } from './content.ts';
import { fromErrorBody, type Target } from './failure.ts';
import { type Ending, isNoWord, readEnding } from './finish.ts';
import { isRecord } from '#core/format/record.ts';
import { field } from './json.ts';
import { cutOff, notAReply, notJson, onlyReasoning } from './unreadable.ts';
import { isErrorBody, readServerError } from './words.ts';

/**
 * @param body  the whole body as text
 * @param reply an empty one, which receives the text and the count of tokens
 * @throws RemoteError `endpoint-html`, `endpoint-not-json`, `endpoint-cut-off`, `endpoint-reply-invalid`,
 *   `endpoint-only-reasoning`, or the error of `fromErrorBody`
 */
export function parseCompletion(target: Target, body: string, reply: ReplyBuilder): ChatReply {
	const json = parseBody(target, body);
	const [only] = Array.isArray(json) && json.length === 1 ? (json as unknown[]) : [json];
	const first = withChoice(only);
	if (isErrorBody(first)) throw fromErrorBody(target, body);
	if (choiceOf(first) === null) {
		const { words, numeric } = readServerError(body);
		throw numeric ? fromErrorBody(target, body) : notAReply(target, 'choices', words);
	}
	const message = field(choiceOf(first), 'message');
	if (!isReadable(field(message, 'content'))) throw notAReply(target, 'choices.0.message.content');
	reply.add(first);
	return reply.whole();
}

/** Parses the body. JSON that ends early means a cut-off answer, not a wrong server. */
export function parseBody(target: Target, body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		throw /^\s*[{[]/.test(body) ? cutOff(target, body) : notJson(target, body);
	}
}

/** Reads the models of `GET /models`: OpenAI's `data`, a list under `models`, or a list; each once. */
export function parseModelList(target: Target, body: string): readonly OfferedModel[] {
	const json = parseBody(target, body);
	const list = [field(json, 'data'), field(json, 'models'), json].find((value) => Array.isArray(value));
	if (list === undefined) {
		if (isErrorBody(json)) throw fromErrorBody(target, body);
		throw notAReply(target, 'data');
	}
	const models = new Map<string, OfferedModel>();
	for (const entry of list as unknown[]) {
		const id = typeof entry === 'string' ? entry : (field(entry, 'id') ?? field(entry, 'name'));
		if (typeof id === 'string' && id.trim() !== '' && !models.has(id))
			models.set(id, { id, price: priceIn(field(entry, 'pricing')) });
	}
	return [...models.values()];
}

const TOKENS_OF_A_PRICE = 1e6;

/** OpenRouter's form: US dollars per token, as text; a negative number means that the price varies. */
function priceIn(pricing: unknown): TokenPrice | null {
	const [prompt, completion] = ['prompt', 'completion'].map((name) => {
		const value = field(pricing, name);
		const price = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
		return typeof price === 'number' && Number.isFinite(price) && price >= 0
			? price * TOKENS_OF_A_PRICE
			: null;
	});
	return prompt == null || completion == null ? null : { prompt, completion };
}

/** Accumulates a reply from its chunks, or from one whole completion. */
export class ReplyBuilder {
	text = '';
	#hasText = false;
	#reasoned = false;
	#tokens: number | null = null;
	#promptTokens: number | null = null;
	#finish: string | null = null;
	readonly #target: Target;
	readonly #maxTokens: number;

	constructor(target: Target, maxTokens: number) {
		this.#target = target;
		this.#maxTokens = maxTokens;
	}

	/** Tokens by the server's count; null if it gave none. */
	get usage(): TokenUsage | null {
		const [promptTokens, completionTokens] = [this.#promptTokens, this.#tokens];
		return promptTokens === null && completionTokens === null ? null : { promptTokens, completionTokens };
	}

	/** True after the server said how the reply ended. */
	get finished(): boolean {
		return this.#finish !== null;
	}

	/**
	 * @param value any JSON; null and values without a choice are skipped
	 * @returns true if the text grew
	 * @throws RemoteError if it is an error
	 */
	add(value: unknown): boolean {
		if (Array.isArray(value)) return value.map((item) => this.add(item)).includes(true);
		const chunk = withChoice(value);
		if (!isRecord(chunk)) return false;
		const choice = choiceOf(chunk);
		const error = errorOf(chunk, choice);
		if (error !== null) throw fromErrorBody(this.#target, JSON.stringify(error));
		this.#readUsage(chunk['usage'], chunk);
		this.#readFinish(choice === null ? null : finishOf(choice));
		this.#readFinish(finishOf(chunk));
		return choice !== null && this.#readChoice(choice);
	}

	/**
	 * A reply that arrived as a whole.
	 *
	 * @throws RemoteError `endpoint-reply-invalid` without text · `endpoint-only-reasoning`
	 */
	whole(): ChatReply {
		const ended = this.#ending();
		if (this.text.trim() === '') {
			if (ended.finishReason === 'length') throw onlyReasoning(this.#target, this.#spent());
			if (ended.finishReason === 'stop' && this.#reasoned) throw onlyReasoning(this.#target, null);
			if (ended.finishReason === 'stop' && !this.#hasText)
				throw notAReply(this.#target, 'choices[0].message.content');
		}
		return { text: this.text, ...ended, tokens: this.#tokens ?? 0, tokenIds: null };
	}

	/**
	 * A reply whose stream has ended.
	 *
	 * @param done true if the server marked the end of the stream
	 * @throws RemoteError `endpoint-cut-off` without a mark and without a finish reason, or as `whole`
	 */
	streamed(done: boolean): ChatReply {
		if (this.#finish === null && !(done && this.#hasText)) {
			if (done && this.#reasoned) throw onlyReasoning(this.#target, null);
			throw cutOff(this.#target, this.text);
		}
		this.#hasText = true;
		return this.whole();
	}

	/** A server without finish reasons shows by the count that it used all its tokens. */
	#ending(): Ending {
		const full = this.#finish === null && this.#tokens !== null && this.#tokens >= this.#maxTokens;
		return full ? { finishReason: 'length' } : readEnding(this.#finish);
	}

	#spent(): number {
		return this.#tokens !== null && this.#tokens > 0 ? this.#tokens : this.#maxTokens;
	}

	#readChoice(choice: Readonly<Record<string, unknown>>): boolean {
		const delta = isRecord(choice['delta']) ? choice['delta'] : undefined;
		const { text, reasoned } = readContent(delta ?? choice['message']);
		this.#reasoned ||= reasoned;
		const piece = text ?? (typeof choice['text'] === 'string' ? choice['text'] : null);
		if (piece === null) return false;
		this.#hasText = true;
		return this.#append(piece, delta === undefined);
	}

	/** The first unusual ending counts: some servers add `stop` after it. */
	#readFinish(word: string | null): void {
		if (word !== null && readEnding(this.#finish).finishReason === 'stop') this.#finish = word;
	}

	/** @param repeats true if the piece may hold the text so far: the last chunk of some servers is the whole message */
	#append(piece: string, repeats: boolean): boolean {
		const grown = repeats && this.text !== '' && piece.startsWith(this.text) ? piece : this.text + piece;
		const grew = grown !== this.text;
		this.text = grown;
		return grew;
	}

	/** @param chunk has Ollama's own counts */
	#readUsage(usage: unknown, chunk: unknown): void {
		const completion = field(usage, 'completion_tokens') ?? field(usage, 'output_tokens');
		const prompt = field(usage, 'prompt_tokens') ?? field(usage, 'input_tokens');
		this.#tokens = countIn(completion ?? field(chunk, 'eval_count')) ?? this.#tokens;
		this.#promptTokens = countIn(prompt ?? field(chunk, 'prompt_eval_count')) ?? this.#promptTokens;
		const reasoning = field(field(usage, 'completion_tokens_details'), 'reasoning_tokens');
		if (typeof reasoning === 'number' && reasoning > 0) this.#reasoned = true;
	}
}

function countIn(value: unknown): number | null {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The server's word for the ending, under the names of several vendors. */
function finishOf(choice: Readonly<Record<string, unknown>>): string | null {
	const names = ['finish_reason', 'finishReason', 'stop_reason', 'done_reason'];
	const words = [...names.map((name) => choice[name]), field(choice['finish_details'], 'type')];
	for (const word of words) {
		if (typeof word === 'number') return `${word}`;
		if (typeof word === 'string' && word !== '' && !isNoWord(word)) return word;
	}
	return null;
}

/** The first choice; null if there is none. */
function choiceOf(json: unknown): Readonly<Record<string, unknown>> | null {
	const choices = field(json, 'choices');
	if (!Array.isArray(choices)) return null;
	const first = (choices as unknown[]).find((choice) => isRecord(choice) && isFirst(choice['index']));
	return isRecord(first) ? first : null;
}

/** A reply whose message has no list of choices around it, as Ollama writes it; other values are returned as they are. */
function withChoice(json: unknown): unknown {
	const message = field(json, 'message');
	if (!isRecord(json) || Array.isArray(json['choices']) || !isRecord(message)) return json;
	if (!('content' in message)) return json;
	return { ...json, message: null, choices: [{ delta: message, message }] };
}

/** Servers in languages without types write the index as text. */
function isFirst(index: unknown): boolean {
	return (
		index === undefined || index === null || index === 0 || (typeof index === 'string' && Number(index) === 0)
	);
}

/** The error that a chunk reports: its own, that of its choice, or without text one within a field of the vendor. */
function errorOf(chunk: Readonly<Record<string, unknown>>, choice: unknown): unknown {
	if (isChunkError(chunk)) return chunk;
	const inner = [field(choice, 'error')];
	const { text } = readContent(field(choice, 'delta') ?? field(choice, 'message'));
	if (text === null || text === '') inner.push(...Object.values(chunk).map((value) => field(value, 'error')));
	const error = inner.find((found) => isErrorBody({ error: found, choices: [choice] }));
	return error === undefined ? null : { error };
}

/** In a stream, text without a choice can be a notice; it is an error if it says so or names a status. */
function isChunkError(chunk: Readonly<Record<string, unknown>>): boolean {
	if (!isErrorBody(chunk)) return false;
	const { error, errors, object } = chunk;
	if (object === 'error') return true;
	return Boolean(error) || Boolean(errors) || readServerError(JSON.stringify(chunk)).numeric;
}
