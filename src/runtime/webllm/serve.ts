/** The worker's side of the protocol: takes calls, runs them in order, answers each on its port. */
import { Cancelled, toWire } from '#core/errors.ts';
import { WebLlmHost, type CallContext } from './host.ts';
import type { AnswerMessage, CallMessage } from './protocol.ts';

/** What of a worker's global scope is used. */
export interface WorkerScope {
	addEventListener(type: 'message', listener: (event: MessageEvent<CallMessage>) => void): void;
}

export function serveWebLlm(scope: WorkerScope, host = new WebLlmHost()): void {
	let last: Promise<void> = Promise.resolve();
	scope.addEventListener('message', (event) => {
		const [port] = event.ports;
		if (port === undefined) return;
		const stop = new AbortController();
		// The only message that the page sends on a call's port is CancelMessage.
		port.onmessage = () => stop.abort();
		const call = event.data;
		last = last.then(() => answer(host, call, port, stop.signal));
	});
}

/** Never rejects: the next call waits for it. */
async function answer(
	host: WebLlmHost,
	call: CallMessage,
	port: MessagePort,
	signal: AbortSignal,
): Promise<void> {
	const send = (message: AnswerMessage): void => port.postMessage(message);
	const context: CallContext = {
		signal,
		onProgress: (progress) => send({ type: 'progress', progress }),
		onText: (text) => send({ type: 'text', text }),
	};
	try {
		if (signal.aborted) throw new Cancelled();
		send({ type: 'done', output: await perform(host, call, context) });
	} catch (error) {
		send({ type: 'failed', error: toWire(error) });
	} finally {
		port.close();
	}
}

async function perform(host: WebLlmHost, call: CallMessage, context: CallContext): Promise<unknown> {
	switch (call.name) {
		case 'load':
			await host.load(call.input, context);
			return null;
		case 'complete':
			return host.complete(call.input, context);
		case 'score':
			return host.score(call.input.request, call.input.top, context);
		case 'setAdapter':
			await host.setAdapter(call.input.adapter, call.input.strength);
			return null;
		case 'promptIds':
			return host.promptIds(call.input, context);
		case 'dispose':
			await host.dispose();
			return null;
	}
}
