/** The buffers inside a message that the worker hands over instead of copying. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { TrainerState } from '#core/ports.ts';
import type { ComputeMessage } from './protocol.ts';

/**
 * Buffers of an outgoing message that its sender no longer needs: adapters, trainer states and log-probabilities are made for
 * the message they are in.
 */
export function transferList(message: ComputeMessage): Transferable[] {
	const buffers = new Set<ArrayBufferLike>();
	if (message.type === 'event') {
		const { event } = message;
		if (event.type === 'checkpoint' || event.type === 'done' || event.type === 'stopped') {
			collectAdapter(event.adapter, buffers);
			collectState(event.state, buffers);
		}
	} else if (message.type === 'result') {
		if (message.name === 'currentAdapter') collectAdapter(message.result, buffers);
		if (message.name === 'tokenLogps') {
			buffers.add(message.result.chosen.buffer);
			buffers.add(message.result.rejected.buffer);
		}
	}
	return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
}

function collectAdapter(adapter: Adapter | null, buffers: Set<ArrayBufferLike>): void {
	for (const { loraA, loraB } of adapter?.matrices ?? []) {
		buffers.add(loraA.buffer);
		buffers.add(loraB.buffer);
	}
}

function collectState(state: TrainerState | null, buffers: Set<ArrayBufferLike>): void {
	if (state === null) return;
	buffers.add(state.params.buffer);
	buffers.add(state.m.buffer);
	buffers.add(state.v.buffer);
}
