/** Replies in the shape that users of endpoints report, served byte by byte. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AppError } from '#core/errors.ts';
import type { ChatReply } from '#core/ports.ts';
import { httpFile, type RawServer, serveRaw } from '#tests/support/httpFile.ts';
import { ask, failureOf } from './asking.ts';
import { completion } from './server.ts';

const CORRECTED =
	'{teacher_reasoning}: Two verbs are wrong.\n\n{corrected_student_solution}: A spider has eight legs and it lives in a web.';
const CUT = '{teacher_reasoning}: Verbs.\n\n{corrected_student_solution}: A spider has eight legs and it li';

const servers: RawServer[] = [];
afterEach(async () => {
	await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(bytes: Parameters<typeof serveRaw>[0]): Promise<RawServer> {
	const server = await serveRaw(bytes);
	servers.push(server);
	return server;
}

interface Outcome {
	reply: ChatReply | null;
	error: AppError | null;
	requests: number;
	seen: string[];
}

/** Asks for a stream or a whole reply; every answer of the server is the file. */
async function outcomeOf(file: string, streaming: boolean): Promise<Outcome> {
	const server = await start(() => httpFile(file));
	const seen: string[] = [];
	const onText = streaming ? { onText: (text: string) => seen.push(text) } : {};
	const { reply } = ask(server.baseUrl, { maxRetries: 4, ...onText });
	const settled = await reply.then(
		(value) => ({ reply: value, error: null }),
		async () => ({ reply: null, error: await failureOf(reply) }),
	);
	return { ...settled, requests: server.requests.length, seen };
}

describe.each([true, false])('asked with streaming: %s', (streaming) => {
	it.each([
		['C1-length.http', 'length', 'length'],
		['C1c-content-filter.http', 'filtered', 'content_filter'],
	])('%s: the ending travels with the text', async (file, finishReason, ending) => {
		const { reply } = await outcomeOf(file, streaming);
		expect(reply).toMatchObject({ text: CUT, finishReason, ending });
	});

	it.each(['C2-reasoning-ate-it.http', 'C16-trial-empty.http'])(
		'%s: says that reasoning used the tokens, and asks once',
		async (file) => {
			const { error, requests } = await outcomeOf(file, streaming);
			expect(error).toMatchObject({ code: 'endpoint-only-reasoning' });
			expect(error?.message).toContain('spent its 64 tokens on reasoning: raise the limit');
			expect(requests).toBe(1);
		},
	);

	it.each([
		'C3-thinking-part.http',
		'C8-done-without-finish.http',
		'C9-choices-null.http',
		'C9b-usage-null.http',
		'C9c-data-null.http',
		'C14-sse-as-text.http',
	])('%s: reads the text there is', async (file) => {
		const { reply, requests, seen } = await outcomeOf(file, streaming);
		expect(reply).toMatchObject({ text: CORRECTED, finishReason: 'stop' });
		expect(requests).toBe(1);
		if (streaming) expect(seen.at(-1)).toBe(CORRECTED);
	});

	it.each([
		['C7-lmstudio-200.http', 'endpoint-server-error', 'No such path or method (POST /chat/completions)', 2],
		['C7b-200-with-402.http', 'endpoint-no-credit', 'Not enough credits for this request.', 1],
		['C7d-stream-401.http', 'endpoint-key-refused', 'No such user.', 1],
		['C4d-array-error.http', 'endpoint-request-refused', 'The key given is not a valid one.', 1],
		['C4h-metadata-raw.http', 'endpoint-request-refused', 'the seed must be below 1000', 2],
		['C5-temperature-and-top_p.http', 'endpoint-request-refused', 'never the two together', 2],
	])('%s: shows the server’s words', async (file, code, words, requests) => {
		const outcome = await outcomeOf(file, streaming);
		expect(outcome.error).toMatchObject({ code });
		expect(outcome.error?.message).toContain(words);
		expect(outcome.requests).toBe(requests);
	});

	it.each([
		'C4b-seed-422.http',
		'C5b-seed-unrecognized.http',
		'C5c-seed-unsupported.http',
		'C4h-metadata-raw.http',
	])('%s: asks again without the setting that it names', async (file) => {
		const good = Buffer.from(
			`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${JSON.stringify(completion('ok'))}`,
		);
		const server = await start((count) => (count === 1 ? httpFile(file) : good));
		const { reply } = ask(server.baseUrl, streaming ? { onText: () => undefined } : {});
		const { text, notes } = await reply;
		expect(text).toBe('ok');
		expect(notes).toEqual(['The model teacher does not accept a seed, so requests go without it.']);
		expect(server.requests).toHaveLength(2);
		expect(server.requests[1]).not.toContain('"seed"');
		expect(server.requests[1]).toContain('"temperature":0.7');
	});
});
