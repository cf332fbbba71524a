/**
 * The worker's side of the protocol: calls come in as messages, a compute engine answers them.
 *
 * Knows nothing of models or tensors; what answers is any `ComputeEngine` (src/compute in the worker).
 */
import { Cancelled, toWire } from '#core/errors.ts';
import type { ComputeEngine, TrainControl } from '#core/ports.ts';
import type {
	CallName,
	ComputeMessage,
	ComputeRequest,
	ControlAction,
	MessageEnd,
	Result,
} from './protocol.ts';
import { transferList } from './transfer.ts';

type Call = Extract<ComputeRequest, { type: 'call' }>;

/** Answers what arrives at `end` until it is closed. */
export function serveCompute(end: MessageEnd, engine: ComputeEngine): void {
	const host = new Host(end, engine);
	end.addEventListener('message', (event) => host.receive((event as MessageEvent<ComputeRequest>).data));
}

class Host {
	readonly #end: MessageEnd;
	readonly #engine: ComputeEngine;
	readonly #cancels = new Map<number, AbortController>();
	readonly #runs = new Map<number, TrainControl>();

	constructor(end: MessageEnd, engine: ComputeEngine) {
		this.#end = end;
		this.#engine = engine;
	}

	receive(request: ComputeRequest): void {
		switch (request.type) {
			case 'call':
				void this.#answer(request);
				break;
			case 'cancel':
				this.#cancels.get(request.id)?.abort();
				break;
			case 'control':
				steer(this.#runs.get(request.id), request.action);
				break;
		}
	}

	async #answer(call: Call): Promise<void> {
		const { id, name } = call;
		const cancel = new AbortController();
		this.#cancels.set(id, cancel);
		try {
			const result = await this.#run(call, cancel.signal);
			this.#send({ type: 'result', id, name, result } as ComputeMessage);
		} catch (thrown) {
			const error = cancel.signal.aborted ? new Cancelled() : thrown;
			this.#send({ type: 'error', id, error: toWire(error) });
		} finally {
			this.#cancels.delete(id);
			this.#runs.delete(id);
		}
	}

	async #run(call: Call, signal: AbortSignal): Promise<Result<CallName>> {
		const { id } = call;
		switch (call.name) {
			case 'device':
				return this.#engine.device();
			case 'setKernels':
				return this.#engine.setKernels(call.payload);
			case 'load':
				return this.#engine.load(
					call.payload,
					(progress) => this.#send({ type: 'progress', id, progress }),
					signal,
				);
			case 'prepare':
				await this.#engine.prepare(call.payload);
				return null;
			case 'train': {
				const run = this.#engine.train(call.payload, (event) => this.#send({ type: 'event', id, event }));
				this.#runs.set(id, run);
				await run.finished;
				return null;
			}
			case 'currentAdapter':
				return this.#engine.currentAdapter(call.payload);
			case 'generate':
				return this.#engine.generate(
					call.payload,
					(index, reply) => this.#send({ type: 'reply', id, index, reply }),
					signal,
				);
			case 'tokenize':
				return this.#engine.tokenize(call.payload.pair, call.payload.maxLength);
			case 'tokenLogps':
				return this.#engine.tokenLogps(call.payload.pair, call.payload.adapter);
			case 'dispose':
				await this.#engine.dispose();
				return null;
		}
	}

	#send(message: ComputeMessage): void {
		this.#end.postMessage(message, transferList(message));
	}
}

function steer(run: TrainControl | undefined, action: ControlAction): void {
	switch (action) {
		case 'pause':
			run?.pause();
			break;
		case 'resume':
			run?.resume();
			break;
		case 'step':
			run?.step();
			break;
		case 'stop-keep':
			run?.stop(true);
			break;
		case 'stop-discard':
			run?.stop(false);
			break;
	}
}
