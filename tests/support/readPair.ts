import { fromWire } from '#core/errors.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { PairLogps, SideLogps } from '#core/ports.ts';

/** Reads one pair with an engine or a model. @throws the refusal */
export async function readPair<A>(
	engine: { tokenLogps(pairs: readonly PreferencePair[], adapter: A): Promise<readonly PairLogps[]> },
	pair: PreferencePair,
	adapter: A,
): Promise<SideLogps> {
	const [read] = await engine.tokenLogps([pair], adapter);
	if (read === undefined) throw new Error('The engine read no pair.');
	if ('refused' in read) throw fromWire(read.refused);
	return read;
}
