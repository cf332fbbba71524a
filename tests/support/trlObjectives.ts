/**
 * TRL's objectives by the names of losses.json: the registered ones, and some texts. `aot` and `aot_unpaired` are missing because
 * they sort the batch.
 */
import { listObjectives } from '#core/loss/objectives/registry.ts';
import { compileObjective } from '#core/loss/objectives/compile.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';

/** Forms of CPO that no recipe names. */
const CPO: Readonly<Record<string, string>> = {
	'cpo hinge': 'relu(1 - beta*(logp_w - logp_l)) - alpha*logp_w/mean_len_w',
	'cpo ipo': 'square(logp_w/len_w - logp_l/len_l - 1/(2*beta)) - alpha*logp_w/mean_len_w',
};

/** An objective without texts for students. */
export function compileLoss(
	loss: string,
	parameters: Readonly<Record<string, number>> = {},
	id = 'test',
): CompiledObjective {
	return compileObjective({
		id,
		trlName: id,
		title: id,
		loss,
		parameters: Object.fromEntries(
			Object.entries(parameters).map(([name, value]) => [
				name,
				{ default: value, min: -Infinity, max: Infinity, meaning: '' },
			]),
		),
		whenToUse: '',
		does: '',
		source: '',
	});
}

/** `loss` in losses.json. */
const goldenName = ({ id, trlName }: CompiledObjective): string => (id === 'cpo' ? 'cpo sigmoid' : trlName);

/** The compiled objectives by their names in losses.json. */
export const TRL_OBJECTIVES: ReadonlyMap<string, CompiledObjective> = new Map([
	...listObjectives().map((objective) => [goldenName(objective), objective] as const),
	...Object.entries(CPO).map(
		([name, loss]) => [name, compileLoss(loss, { alpha: 0 }, name.replace(' ', '_'))] as const,
	),
]);
