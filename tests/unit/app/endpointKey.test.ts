/** The whole way of a key: from the field to a server that repeats it, to the stored run, its file and its report. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { writeRunFile } from '#core/run/runFile.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { createFakes, SMALL } from '#tests/support/fakes.ts';

const KEY = 'amber-falcon-90210-xyz';
const closers: (() => void)[] = [];
afterEach(() => {
	for (const close of closers.splice(0)) close();
});

async function listen(answer: (n: number) => { status: number; body: unknown }): Promise<string> {
	let n = 0;
	const server = createServer((request, response) => {
		request.resume().on('end', () => {
			const { status, body } = answer(++n);
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closers.push(() => server.close());
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

it('a key with spaces, repeated by a server in replies and in a 401, is in no record and no file', async () => {
	const endpoint = await listen((n) =>
		n <= 6
			? {
					status: 200,
					body: {
						choices: [
							{
								message: { content: `{corrected_student_solution}: ${n} ${KEY}` },
								finish_reason: n === 2 ? KEY : 'stop',
							},
						],
					},
				}
			: { status: 401, body: { error: { message: `Unknown token ${KEY}.` } } },
	);
	const fakes = createFakes();
	const session = new Session({
		...fakes.ports,
		reviser: (settings, key) =>
			openAiChatModel({
				baseUrl: settings.endpoint,
				apiKey: key ?? '',
				model: settings.model,
				maxRetries: 0,
			}),
	});
	const reviser = { ...SMALL.reviser, endpoint, model: 'm', concurrency: 1 };
	session.draft.load({ ...SMALL, reviser });
	session.reviser.setKey(endpoint, `  ${KEY}  `);
	await session.reviser.tryOut(reviser);
	await session.startRun();

	const { failure } = session.run;
	expect(failure?.error.code).toBe('endpoint-key-refused');
	expect(failure?.error.message).toContain('Unknown token [key].');
	const records = [...fakes.store.runs.values()];
	expect(records).toHaveLength(1);
	const written = await Promise.all(
		records.map(async (record) => gunzipSync(await writeRunFile({ record, adapters: [] })).toString('utf8')),
	);
	const everything = JSON.stringify([records, failure, session.reviser.trial, session.steps.revision.rows]);
	for (const text of [...written, everything]) {
		expect(text).toContain('[key]');
		expect(text).not.toContain('falcon');
	}
});

it('an endpoint is tried with the run’s own limit, and a key that cannot be sent is named', async () => {
	const endpoint = await listen(() => ({
		status: 200,
		body: { choices: [{ finish_reason: 'length', message: { content: '', reasoning: 'They want' } }] },
	}));
	const session = new Session({
		...createFakes().ports,
		reviser: (settings, key) =>
			openAiChatModel({
				baseUrl: settings.endpoint,
				apiKey: key ?? '',
				model: settings.model,
				maxRetries: 0,
			}),
	});
	const reviser = { ...SMALL.reviser, endpoint, model: 'm', maxTokens: 2048 };
	await session.reviser.tryOut(reviser);
	expect(session.reviser.trial?.error?.message).toContain(
		'spent its 2048 tokens on reasoning: raise the limit',
	);
	session.reviser.setKey(endpoint, `${KEY}\u200b`);
	expect(session.reviser.keyProblemFor(endpoint)).toContain('Character 23 of the key is a zero-width space');
	await session.reviser.tryOut(reviser);
	expect(session.reviser.trial?.error?.code).toBe('endpoint-key-character');
	session.reviser.setKey(endpoint, `\n${KEY} `);
	expect(session.reviser.keyFor(endpoint)).toBe(KEY);
	expect(session.reviser.keyProblemFor(endpoint)).toBeNull();
});

it('what was learned about an endpoint is kept for later requests and shown', async () => {
	let refusals = 0;
	const endpoint = await listen((n) => {
		if (n > 1)
			return { status: 200, body: { choices: [{ message: { content: 'ready' }, finish_reason: 'stop' }] } };
		refusals++;
		return { status: 422, body: { detail: [{ loc: ['body', 'temperature'], msg: 'Not here.' }] } };
	});
	let made = 0;
	const session = new Session({
		...createFakes().ports,
		reviser: (settings, key) => {
			made++;
			return openAiChatModel({ baseUrl: settings.endpoint, apiKey: key ?? '', model: settings.model });
		},
	});
	const reviser = { ...SMALL.reviser, endpoint, model: 'm' };
	const notes = ['The model m does not accept a temperature, so requests go without it.'];
	expect(session.reviser.notesFor(reviser)).toEqual([]);
	await session.reviser.tryOut(reviser);
	await session.reviser.tryOut({ ...reviser, seed: 2 });
	expect(session.reviser.trial?.state).toBe('answered');
	expect(session.reviser.notesFor(reviser)).toEqual(notes);
	expect(session.reviser.notesFor({ ...reviser, model: 'other' })).toEqual([]);
	expect([made, refusals]).toEqual([1, 1]);
	session.reviser.setKey(endpoint, 'another');
	session.reviser.model(reviser, session.reviser.tests);
	expect(made).toBe(2);
});

it('addresses without a scheme share no key', () => {
	const { reviser } = new Session(createFakes().ports);
	reviser.setKey('localhost:8080/v1', 'first');
	expect(reviser.keyFor('http://localhost:8080/v2')).toBe('first');
	expect(reviser.keyFor('gpu-box:8080/v1')).toBe('');
	expect(reviser.keyFor('custom://localhost:8080/v1')).toBe('');
});
