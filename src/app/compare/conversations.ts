/** The chat and the comparison of the open run. Both ask the run's models; while a run samples they get none. */
import { scoreAnswer } from '#core/world/registry.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { AppPorts } from '../ports.ts';
import { phaseOf } from '../run/phases/registry.ts';
import type { Run } from '../run/run.svelte.ts';
import { Chat } from './chat.svelte.ts';
import { SideBySide } from './sideBySide.svelte.ts';

/** @param open the open run */
export function createConversations(
	open: () => Run,
	engines: Engines,
	ports: AppPorts,
): { chat: Chat; sideBySide: SideBySide } {
	const withheld = (): boolean => open().player.active && phaseOf(open().phase)?.withholdsModel === true;
	const model = () => (withheld() ? null : open().models.target);
	const inTurn = <T>(work: () => Promise<T>): Promise<T> => engines.turns.take(work);
	const adapter = () => open().currentAdapter();
	const sources = {
		...{ model, inTurn, adapter },
		score: scoreAnswer,
		maxTokens: () => open().recipe.evaluation.maxTokens,
	};
	return {
		sideBySide: new SideBySide(sources, ports),
		chat: new Chat({ model, inTurn, adapter, recipe: () => open().recipe }, ports),
	};
}
