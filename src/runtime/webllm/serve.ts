/** Starts the WebLLM worker. Its calls run one after the other, so that an adapter never changes in the middle of an answer. */
import type { MessageEnd } from '#core/rpc/messages.ts';
import { serveCalls } from '#core/rpc/server.ts';
import { WEBLLM_CALLS } from './calls.ts';
import { LocalTargetModel } from './localTargetModel.ts';

export function serveWebLlm(end: MessageEnd): void {
	serveCalls(end, WEBLLM_CALLS, new LocalTargetModel(), { inOrder: true });
}
