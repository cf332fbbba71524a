/**
 * Reads the words and the status of a server's error, in the forms that servers use: OpenAI's `error.message`, a
 * plain string, a list, FastAPI's `detail`, and a provider's own error within the error of a gateway.
 */
import { beginsAsMarkup, isXml, titleOf } from '#core/format/foreignText.ts';
import { isRecord } from '#core/format/record.ts';

export interface ServerError {
	/** The server's words, joined; empty if there are none. */
	words: string;
	/** The HTTP status that the body names, as a number or by a type such as `rate_limit_error`. */
	status: number | null;
	/** True if the body names the status as a number. */
	numeric: boolean;
	/** True if a type or code of the body says that there are too many requests. */
	throttled: boolean;
}

/** Names of fields whose text explains an error, in the order in which their texts are shown. */
const WORDS = [
	...['message', 'msg', 'error_description', 'description', 'detail', 'details', 'reason', 'raw', 'title'],
	...['error', 'errors', 'error_message', 'errorMessage', 'metadata', 'innererror', 'inner_error', 'cause'],
	...['body', 'info', 'status_msg', 'base_resp', 'fault', 'faultstring', 'text'],
];
const STATUS = ['code', 'status', 'status_code', 'statusCode', 'http_status', 'httpStatus', 'error_code'];
const TOO_MANY = 429;
/** Fields of identifiers alone: `__type` is that of AWS, `reason` that of Google. */
const KIND_FIELDS = ['type', '__type', 'Code', 'reason'];
/** Identifiers of kinds of errors, as OpenAI, Anthropic, Google and AWS write them. */
const KINDS: readonly (readonly [RegExp, number])[] = [
	[/unauth|authentication|(?:invalid|incorrect|missing)_(?:api_)?key/, 401],
	[/insufficient|billing|payment|credit/, 402],
	[/permission|forbidden/, 403],
	[/not_?found/, 404],
	[/rate_?limit|resource_exhausted|too_many|throttl|slow_?down|request_?limit|throughput/, TOO_MANY],
	[/overload|unavailable|capacity/, 503],
	[/timeout|deadline/, 504],
	[/internal|server_error|^api_error$/, 500],
	[/invalid|bad_?request|validation|unsupported|failed_precondition/, 400],
];
const DEEPEST = 6;
const MOST_TEXTS = 6;

const NOTHING = { status: null, numeric: false, throttled: false } as const;

/** @param body the whole body as text; it may be empty, a page, JSON, or plain text */
export function readServerError(body: string): ServerError {
	if (beginsAsMarkup(body)) return { words: markupWords(body), ...NOTHING };
	const json = parsed(body);
	if (json === undefined) return { words: body, ...NOTHING };
	const texts = [...new Set(textsIn(json, 0).filter((text) => text !== ''))].slice(0, MOST_TEXTS);
	return {
		words: texts.length > 0 ? texts.join(': ') : plain(json),
		...statusIn(json, 0),
		throttled: isThrottled(json, 0),
	};
}

/** Characters of a message in XML that are read. */
const LONGEST_XML = 4000;

/** The title of a page, or the texts of a message in XML. */
function markupWords(body: string): string {
	const title = titleOf(body);
	if (title !== null || !isXml(body)) return title ?? '';
	const texts = body.slice(0, LONGEST_XML).split(/<[^<>]*>/);
	return texts
		.map((text) => text.trim())
		.filter((text) => text !== '')
		.join(': ');
}

/** True if JSON with status 200 is an error rather than a reply. */
export function isErrorBody(json: unknown): boolean {
	if (Array.isArray(json)) return json.length > 0 && json.every(isErrorBody);
	if (!isRecord(json)) return false;
	const hasChoices = isGiven(json['choices']);
	const errors = [json['error'], json['errors']];
	if (errors.some((error) => isGiven(error) && !saysNoError(error, hasChoices)) || json['object'] === 'error')
		return true;
	if (hasChoices) return false;
	return ['detail', 'message', 'msg', 'error_message', 'error_description', 'base_resp', 'fault'].some(
		(name) => isGiven(json[name]),
	);
}

/** Texts and codes with which servers say that there is no error. */
const NO_ERROR =
	/^\W*(?:0|2\d\d|ok|okay|success(?:ful|fully)?|succeeded|none|null|nil|no[ _-]?error|false)\W*$/i;

/** @param beside true if the error is beside a reply, whose code is then enough */
function saysNoError(error: unknown, beside: boolean): boolean {
	if (typeof error === 'string') return NO_ERROR.test(error);
	if (!isRecord(error)) return false;
	const codes = STATUS.map((name) => error[name]).filter(isCode);
	const words = ['message', 'msg'].map((name) => error[name]).filter((text) => isGiven(text));
	const harmless = words.every((text) => typeof text === 'string' && NO_ERROR.test(text));
	if (codes.length + words.length === 0) return false;
	return codes.every((code) => NO_ERROR.test(`${code}`)) && (harmless || (beside && codes.length > 0));
}

function isCode(value: unknown): value is string | number {
	return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** False for the values with which servers say that there is no error. */
function isGiven(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > 0;
	if (isRecord(value)) return Object.keys(value).length > 0;
	return (
		(typeof value === 'string' && value !== '') ||
		value === true ||
		(typeof value === 'number' && value !== 0)
	);
}

function parsed(text: string): unknown {
	if (!/^\s*[{["]/.test(text)) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		// Not JSON: the text itself is the message.
		return undefined;
	}
}

/** Texts in the error, the most general first. Text that is JSON again is opened. */
function textsIn(value: unknown, depth: number): string[] {
	if (depth > DEEPEST) return [];
	if (typeof value === 'string') {
		const inner = parsed(value);
		return inner === undefined || typeof inner === 'string' ? [value.trim()] : textsIn(inner, depth + 1);
	}
	if (Array.isArray(value)) return value.slice(0, MOST_TEXTS).flatMap((item) => textsIn(item, depth + 1));
	if (!isRecord(value)) return [];
	const place = placeOf(value);
	return WORDS.flatMap((name) => textsIn(value[name], depth + 1)).map((text) =>
		place === '' || text === '' ? text : `${place}: ${text}`,
	);
}

/** FastAPI's `loc` or OpenAI's `param`: the field that the error is about, without the leading `body`. */
function placeOf(value: Readonly<Record<string, unknown>>): string {
	const { loc, param } = value;
	if (typeof param === 'string') return param;
	const path = Array.isArray(loc)
		? loc.filter((part) => typeof part === 'string' || typeof part === 'number')
		: [];
	return (path[0] === 'body' ? path.slice(1) : path).join('.');
}

/** JSON without any known field is shown whole, with its escapes decoded: the key could be in them. */
function plain(json: unknown): string {
	return isGiven(json) ? JSON.stringify(json) : '';
}

function statusIn(value: unknown, depth: number): { status: number | null; numeric: boolean } {
	if (depth > DEEPEST) return { status: null, numeric: false };
	if (Array.isArray(value)) return statusIn(value[0], depth + 1);
	if (!isRecord(value)) return { status: null, numeric: false };
	const inner = statusIn(value['error'] ?? value['errors'], depth + 1);
	if (inner.numeric) return inner;
	const fields = STATUS.map((name) => value[name]);
	const number = fields.map(Number).find((code) => Number.isInteger(code) && code >= 400 && code <= 599);
	if (number !== undefined) return { status: number, numeric: true };
	if (inner.status !== null) return inner;
	return { status: kindOf(identifiersOf(value)), numeric: false };
}

const identifiersOf = (value: Readonly<Record<string, unknown>>): unknown[] =>
	[...STATUS, ...KIND_FIELDS].map((name) => value[name]);

/** Google's code is that of the refusal, and its reason the limit. */
function isThrottled(value: unknown, depth: number): boolean {
	if (depth > DEEPEST) return false;
	if (Array.isArray(value)) return isThrottled(value[0], depth + 1);
	if (!isRecord(value)) return false;
	if (identifiersOf(value).some((name) => kindOf([name]) === TOO_MANY)) return true;
	return isThrottled(value['error'], depth + 1) || isThrottled(value['errors'], depth + 1);
}

function kindOf(fields: readonly unknown[]): number | null {
	for (const field of fields) {
		// An identifier, not a sentence: wordings differ, identifiers rarely.
		if (typeof field !== 'string' || !/^[\w.#:/-]{3,100}$/.test(field)) continue;
		const name = field.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
		const kind = KINDS.find(([pattern]) => pattern.test(name));
		if (kind !== undefined) return kind[1];
	}
	return null;
}
