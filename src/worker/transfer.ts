/**
 * The buffers that a message moves to the page. Adapters, trainer states and log-probabilities are made for
 * one message, so they can move.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { TrainEvent } from '#core/ports.ts';

export function adapterBuffers(adapter: Adapter | null): ArrayBufferLike[] {
	return (adapter?.matrices ?? []).flatMap(({ loraA, loraB }) => [loraA.buffer, loraB.buffer]);
}

export function trainEventBuffers(event: TrainEvent): ArrayBufferLike[] {
	if (event.type !== 'checkpoint' && event.type !== 'done' && event.type !== 'stopped') return [];
	const { adapter, state } = event;
	const stateBuffers = state === null ? [] : [state.params.buffer, state.m.buffer, state.v.buffer];
	return [...adapterBuffers(adapter), ...stateBuffers];
}
