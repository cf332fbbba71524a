/** Some pairs read by two models: the tuned one and its reference. */
import type { PreferencePair } from '#core/pair/pair.ts';
import type { AdapterChoice, ComputeEngine, SideLogps } from '#core/ports.ts';

export interface BothLogps {
	policy: SideLogps;
	reference: SideLogps;
}

/** @returns one for each pair, in their order; null for a pair that the model cannot read */
export async function bothLogps(
	compute: Pick<ComputeEngine, 'tokenLogps'>,
	pairs: readonly PreferencePair[],
	adapter: AdapterChoice,
): Promise<readonly (BothLogps | null)[]> {
	const references = await compute.tokenLogps(pairs, null);
	const policies = adapter === null ? references : await compute.tokenLogps(pairs, adapter);
	return references.map((reference, i) => {
		const policy = policies[i];
		if (policy === undefined || 'refused' in policy || 'refused' in reference) return null;
		return { policy, reference };
	});
}
