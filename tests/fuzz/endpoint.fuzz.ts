/** Everything that comes from outside through an endpoint: addresses, keys, and servers' answers. */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { AppError } from '#core/errors.ts';
import { isHttpAddress, publicAddress, readAddress } from '#core/recipe/endpoint.ts';
import { modelNameProblem, readModelName } from '#core/recipe/endpointModel.ts';
import { packRequests, unpackRequests } from '#core/endpoint/sentRequest.ts';
import { tokensOf } from '#core/endpoint/tokens.ts';
import { keyProblem, readKey } from '#core/recipe/endpointKey.ts';
import { RequestAccount } from '#runtime/endpoint/account.ts';
import { parseBaseUrl, requestUrl } from '#runtime/endpoint/address.ts';
import { fromErrorBody, fromStatus, type Target } from '#runtime/endpoint/failure.ts';
import { readEnding } from '#runtime/endpoint/finish.ts';
import { parseModelList } from '#runtime/endpoint/reply.ts';
import { decoderOf } from '#runtime/endpoint/charset.ts';
import { startOfKeyCutter } from '#core/text/keyStart.ts';
import { redactor } from '#core/text/redact.ts';
import { EventReader } from '#runtime/endpoint/sse.ts';
import { ReplyReader } from '#runtime/endpoint/streamReader.ts';
import { target } from './target.ts';

const KEY = 'amber-falcon-90210-xyz';
const server: Target = {
	baseUrl: new URL('https://api.example.org/v1'),
	model: 'm',
	hasKey: true,
	redact: redactor(KEY),
};

const replySchema = v.object({
	text: v.string(),
	finishReason: v.picklist(['stop', 'length', 'filtered', 'other']),
	ending: v.optional(v.pipe(v.string(), v.maxLength(80))),
	tokens: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	tokenIds: v.null(),
});

const word = fc.constantFrom(
	'stop',
	'length',
	'content_filter',
	'error',
	'',
	'data: ',
	'[DONE]',
	KEY,
	'{',
	'\n\n',
);
const anyText = fc.oneof(fc.string({ unit: 'binary' }), word);
const leaf = fc.oneof(anyText, fc.double(), fc.boolean(), fc.constant(null));
/** JSON with the names that servers use, in any place. */
const loose = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5 },
		leaf,
		fc.array(tie('value'), { maxLength: 4 }),
		fc.dictionary(
			fc.constantFrom(
				...['choices', 'delta', 'message', 'content', 'finish_reason', 'text', 'type', 'index', 'usage'],
				...['error', 'errors', 'detail', 'code', 'status', 'msg', 'loc', 'param', 'metadata', 'raw', 'data'],
				...[
					'completion_tokens',
					'completion_tokens_details',
					'reasoning',
					'refusal',
					'object',
					'parts',
					'id',
				],
			),
			tie('value'),
			{ maxKeys: 5 },
		),
	),
})).value;
/** Chunks in OpenAI's form with one part that may be anything. */
const chunk = fc.oneof(
	loose,
	fc.record({
		choices: fc.array(fc.record({ delta: loose, finish_reason: leaf }), { maxLength: 2 }),
		usage: loose,
	}),
	fc.record({
		choices: fc.tuple(fc.record({ message: fc.record({ content: loose }), finish_reason: leaf })),
	}),
);
const body = fc.oneof(
	anyText,
	chunk.map((value) => JSON.stringify(value)),
	fc.array(chunk).map((chunks) => chunks.map((value) => JSON.stringify(value)).join('\n')),
	fc
		.tuple(
			fc.array(
				fc.oneof(
					chunk.map((value) => JSON.stringify(value)),
					anyText,
				),
			),
			fc.constantFrom('\n\n', '\n', '\r\n\r\n'),
		)
		.map(([events, end]) => events.map((event) => `data: ${event}${end}`).join('')),
);

/** Runs a function that may only throw an AppError with code, hint, and a message to show. */
function orAppError(run: () => void): void {
	try {
		run();
	} catch (error) {
		if (!(error instanceof AppError) || error.code === '' || error.hint === '') throw error;
		if (error.message.length > 800) throw error;
	}
}

function must(holds: boolean, what: string): void {
	if (!holds) throw new Error(what);
}

/** Cuts a text at the given places, in order. */
function pieces(text: string, cuts: readonly number[]): string[] {
	const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
	return [0, ...places].map((start, i) => text.slice(start, places[i] ?? text.length));
}

function read(texts: readonly string[]): string {
	let outcome = '';
	orAppError(() => {
		const reader = new ReplyReader(server, 64);
		for (const text of texts) if (reader.push(text)) break;
		const reply = reader.end();
		v.assert(replySchema, reply);
		outcome = JSON.stringify(reply);
	});
	return outcome;
}

/** Code that sets a base URL or a model, whole or in parts. */
const setting = fc
	.array(
		fc.oneof(
			fc.constantFrom(
				'base_url',
				'=',
				': ',
				'"',
				"'",
				'(',
				',',
				'<',
				'`',
				' ',
				'.',
				'//',
				'https://',
				'x.org',
				'model',
			),
			fc.constantFrom('\u200b', 'https://huggingface.co/', 'models?search=', 'OPENAI_BASE_URL'),
			anyText,
		),
		{ maxLength: 8 },
	)
	.map((parts) => parts.join(''));

export const targets = [
	target(
		'a decoder of any content type and first bytes',
		fc.tuple(
			fc.oneof(
				fc.string().map((name) => `text/plain; charset=${name}`),
				fc.constant(null),
			),
			fc.uint8Array({ maxLength: 8 }),
		),
		([type, first]) => void decoderOf(type, first).decode(first),
	),
	target(
		'no start of the key is shown while a text grows',
		fc.tuple(
			fc.string({
				unit: fc.constantFrom('a', 'Z', '7', '-', '/', '%', '&', ';', '\u0130', ' '),
				minLength: 9,
				maxLength: 20,
			}),
			fc.string(),
			fc.nat(20),
		),
		([key, before, length]) => {
			const start = key.trim().slice(0, length);
			const shown = startOfKeyCutter(key)(`${before}${start}`);
			must(`${before}${start}`.startsWith(shown), 'It is not the start of the text.');
			const hidden = start.length < 4 || start.length === key.trim().length || shown.length <= before.length;
			must(hidden, 'The start of the key is shown.');
		},
	),
	target(
		'an endpoint’s body gives a valid reply or an AppError, in pieces of any size',
		fc.tuple(body, fc.array(fc.nat())),
		([text, cuts]) => {
			must(read([text]) === read(pieces(text, cuts)), 'The pieces change the reply.');
		},
	),
	target(
		'an error body gives an AppError without the key',
		fc.tuple(body, fc.integer({ min: 400, max: 599 })),
		([text, status]) => {
			for (const error of [fromStatus(server, status, text, null), fromErrorBody(server, text)]) {
				must(error.code !== '' && error.hint !== '', 'There is no code or hint.');
				must(error.message.length < 800, 'The message is too long.');
				must(!error.message.includes(KEY), 'The message has the key.');
			}
		},
	),
	target('a list of models is a list of names or an AppError', body, (text) => {
		orAppError(() =>
			must(
				parseModelList(server, text).every(
					({ id, price }) => typeof id === 'string' && (price?.prompt ?? 0) >= 0,
				),
				'An id is no text, or a price is negative.',
			),
		);
	}),
	target(
		'server-sent events do not depend on the size of the pieces',
		fc.tuple(anyText, fc.array(fc.nat())),
		([text, cuts]) => {
			const events = (texts: readonly string[]): string => {
				const reader = new EventReader();
				return JSON.stringify([...texts.flatMap((piece) => reader.push(piece)), ...reader.end()]);
			};
			must(events([text]) === events(pieces(text, cuts)), 'The pieces change the events.');
		},
	),
	target('every finish reason is one of four', anyText, (text) => {
		must(['stop', 'length', 'filtered', 'other'].includes(readEnding(text).finishReason), 'Another ending.');
	}),
	target(
		'a sent request holds no key in any of its texts',
		fc.tuple(anyText, anyText, fc.constantFrom('/v1', `/v1/${KEY}`, `/${KEY}/v1`)),
		([before, model, path]) => {
			const account = new RequestAccount();
			const messages = [{ role: 'user', content: `${before}${KEY}` }];
			account.send(`https://api.example.org${path}/chat/completions`, JSON.stringify({ model, messages }));
			const sent = account.report({ ...server, model: `${model}${KEY}` });
			must(sent !== null && !JSON.stringify(sent).includes(KEY), 'The key is in the list.');
			if (sent !== null) must(tokensOf(sent).promptTokens >= 0, 'A count is negative.');
		},
	),
	target('the tokens of any stored request are counted', loose, (value) => {
		const text = JSON.stringify(value);
		const account = new RequestAccount();
		account.send('https://api.example.org/v1/chat/completions', text);
		account.status = 200;
		const sent = account.report(server);
		if (sent === null) return;
		const { promptTokens, completionTokens } = tokensOf(sent);
		must(Number.isSafeInteger(promptTokens) && completionTokens === 0, 'It is no count.');
		const [again] = unpackRequests(packRequests([sent]));
		must(JSON.stringify(again) === JSON.stringify(sent), 'Storing changes the request.');
	}),
	target(
		'a key is in no text after it was struck out',
		fc.tuple(fc.string({ unit: 'binary', minLength: 4 }), anyText, anyText),
		([key, before, after]) => {
			const secret = readKey(key);
			const struck = redactor(secret)(`${before}${secret}${after}`);
			const known = secret.trim().length < 4 || redactor(secret)(secret) === secret;
			must(known || !struck.includes(secret) || '[key]'.includes(secret), 'The key is still there.');
		},
	),
	target('a key is sendable or its first other character is named', fc.string({ unit: 'binary' }), (text) => {
		const key = readKey(text);
		const problem = keyProblem(key);
		if (problem === null) new Headers({ authorization: `Bearer ${key}` });
		else must(problem.position >= 1 && problem.character !== '', 'The character has no name.');
	}),
	target('the name of a model is the same when it is read twice', setting, (text) => {
		const name = readModelName(text);
		must(readModelName(name) === name, 'Reading twice changes the name.');
		must(modelNameProblem(name) !== '', 'The problem has no words.');
	}),
	target(
		'an address is an AppError or a base URL without secrets',
		fc.oneof(
			anyText,
			fc.webUrl({ withQueryParameters: true, withFragments: true }),
			fc.tuple(fc.domain(), fc.nat(70000), anyText).map(([host, port, path]) => `${host}:${port}/${path}`),
			setting,
		),
		(text) => {
			const { address } = readAddress(text);
			must(readAddress(address).address === address, 'Reading twice changes the address.');
			must(
				publicAddress(publicAddress(text)) === publicAddress(text),
				'Reading a recipe twice changes the address.',
			);
			if (isHttpAddress(address)) {
				const url = new URL(address);
				must(url.username + url.password + url.hash === '', 'The address has a secret.');
			}
			orAppError(() =>
				must(URL.canParse(requestUrl(parseBaseUrl(text), '/models')), 'The request has no address.'),
			);
		},
	),
];
