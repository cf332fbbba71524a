/** The calls of the WebLLM worker, one row each. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { Message } from '#core/output/output.ts';
import type { ChatRequest, Progress } from '#core/ports.ts';
import { callsOf, type CallContext } from '#core/rpc/call.ts';
import type { LocalTargetModel } from './localTargetModel.ts';

const call = callsOf<LocalTargetModel>();

export const WEBLLM_CALLS = {
	load: call((model, source: ModelSource, { emit, signal }: CallContext<Progress>) =>
		model.load(source, emit, signal),
	),
	/** Events: the text so far. */
	complete: call((model, request: ChatRequest, { emit, signal }: CallContext<string>) =>
		model.complete(request, signal, emit),
	),
	score: call((model, { request, top }: { request: ChatRequest; top: number }, { signal }: CallContext) =>
		model.score(request, top, signal),
	),
	setAdapter: call((model, { adapter, strength }: { adapter: Adapter | null; strength: number }) =>
		model.setAdapter(adapter, strength),
	),
	promptIds: call((model, messages: readonly Message[], { signal }: CallContext) =>
		model.promptIds(messages, signal),
	),
	dispose: call((model) => model.dispose()),
};
