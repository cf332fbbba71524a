/**
 * The embedded cast: models that come with the page in place of real ones. Each is a rule that answers chats, and the same seed,
 * name and messages give the same reply. The endpoint (runtime/endpoint/embedded.ts) handles the protocol.
 */
import type { Message } from '../output/output.ts';

interface Titled {
	/** On the page, within a sentence. */
	readonly title: string;
}

/** A setting of a model, which its name carries: `embedded-judge:noise=0.2`. */
export type CastSetting =
	| (Titled & {
			readonly kind: 'number';
			readonly default: number;
			readonly min: number;
			readonly max: number;
	  })
	| (Titled & { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] });

/** Values of all settings of a model, by name. */
export type CastValues = Readonly<Record<string, number | string>>;

/** `refused`: why it cannot answer, as the end of a sentence. */
export type CastReply = { text: string } | { refused: string };

export interface CastModel extends Titled {
	/** The model's name at the endpoint, without settings. */
	readonly id: string;
	readonly settings: Readonly<Record<string, CastSetting>>;
	reply(messages: readonly Message[], seed: number, values: CastValues): CastReply;
}

export function numberOf(values: CastValues, name: string): number {
	return Number(values[name]);
}

export function lastUserText(messages: readonly Message[]): string {
	return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}
