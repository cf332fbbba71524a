/** Replies of a call whose prompts must all be answered. */
import type { ChatReply, PromptReply } from '#core/ports.ts';

/** @throws Error naming the first prompt that was refused */
export function allAnswered(replies: readonly PromptReply[]): ChatReply[] {
	return replies.map((reply, i) => {
		if ('refused' in reply) throw new Error(`Prompt ${i} was refused: ${reply.refused.message}`);
		return reply;
	});
}
