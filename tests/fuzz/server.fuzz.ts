/** Everything that clients send to the project's own endpoint at /v1. */
import type { IncomingMessage } from 'node:http';
import * as fc from 'fast-check';
import { EMBEDDED_MODEL, handleChatCompletions } from '#runtime/endpoint/embedded.ts';
import { pathOf, refusalOf } from '../../scripts/vite-endpoint/guard.ts';
import { target } from './target.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const text = fc.oneof(anyText, fc.constantFrom('Reverse the word “tram”.', 'no idea', EMBEDDED_MODEL));
const head = fc.record(
	{
		url: fc.oneof(
			anyText.map((path) => `/${path}`),
			fc.constantFrom('//[', '/chat/completions', '/%', '/?x=['),
		),
		method: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'TRACE', 'PUT'),
		headers: fc.record(
			{
				origin: fc.oneof(anyText, fc.webUrl(), fc.constantFrom('null', 'http://localhost:5173')),
				host: fc.oneof(anyText, fc.constantFrom('localhost:5173')),
				'sec-fetch-site': fc.constantFrom('same-origin', 'cross-site', 'none'),
				'content-type': fc.oneof(anyText, fc.constantFrom('application/json', 'text/plain')),
				'content-length': fc.oneof(anyText, fc.nat().map(String)),
			},
			{ requiredKeys: [] },
		),
	},
	{ requiredKeys: ['headers'] },
);
const body = fc.oneof(
	fc.json(),
	anyText,
	fc
		.record(
			{
				model: text,
				messages: fc.array(
					fc.record({
						role: fc.constantFrom('user', 'system', 'assistant', 'developer', 'cat'),
						content: fc.oneof(
							text,
							fc.array(fc.record({ type: fc.constant('text'), text })),
							fc.constant(null),
						),
					}),
				),
				seed: fc.oneof(fc.integer(), fc.double(), fc.constant(null)),
				stream: fc.oneof(fc.boolean(), fc.constant(null)),
				max_tokens: fc.oneof(fc.integer(), fc.constant(null)),
			},
			{ requiredKeys: ['model', 'messages'] },
		)
		.map((value) => JSON.stringify(value)),
);

function must(holds: boolean, problem: string): void {
	if (!holds) throw new Error(problem);
}

export const targets = [
	target('a request’s head is accepted, or refused with a status', head, (request) => {
		const incoming = request as unknown as IncomingMessage;
		const refusal = refusalOf(incoming, 1000);
		must(refusal === null || [400, 403, 405, 413, 415].includes(refusal.status), 'The status is another.');
		const { origin, host, 'sec-fetch-site': site } = request.headers;
		const foreign = site === 'cross-site' || (origin !== undefined && !origin.includes(host ?? '\0'));
		must(!foreign || refusal !== null, 'A foreign page was accepted.');
		if (refusal !== null) return;
		const url = new URL('http://localhost');
		url.pathname = pathOf(incoming) ?? '/';
	}),
	target(
		'the embedded reviser answers every body with a reply or an error in OpenAI’s form',
		body,
		async (sent) => {
			const response = await handleChatCompletions(
				new Request('http://localhost/v1/chat/completions', { method: 'POST', body: sent }),
			);
			must([200, 400, 404].includes(response.status), `The status is ${response.status}.`);
			const answer = await response.text();
			if (response.status === 200) must(answer.includes('"choices"'), 'There is no choice.');
			else must(answer.startsWith('{"error":{"message":'), 'There is no message.');
		},
	),
];
