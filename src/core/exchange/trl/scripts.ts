/** The Python files of the folder: the files beside this one, with the parts that depend on the objective. */
import type { CompiledObjective } from '../../loss/objectives/objective.ts';
import FORMULA_PY from './formula.py?raw';
import TRAIN_PY from './train.py?raw';
import type { TrlTrainer } from './trainerFor.ts';

const PAIRS_IMPORT = 'from trl import DPOConfig as Config\nfrom trl import DPOTrainer as Trainer\n';

const IMPORTS: Readonly<Record<TrlTrainer['kind'], string>> = {
	pairs: PAIRS_IMPORT,
	answers: 'from trl import KTOConfig as Config\nfrom trl import KTOTrainer as Trainer\n',
	formula: 'from trl import DPOConfig as Config\n\nfrom formula import FormulaTrainer as Trainer\n',
};

export function trainScript({ kind }: TrlTrainer): string {
	return replaced(TRAIN_PY, PAIRS_IMPORT, IMPORTS[kind]);
}

const EXAMPLE = /def formula\([\s\S]*?(?=\n\n\nclass )/;
const CALL = 'formula(logp_w, logp_l, ref_w, ref_l, beta=self.beta)';

/** Inputs of a loss that the script computes, and the start of their lines. */
const COMPUTED: readonly (readonly [line: string, names: readonly string[]])[] = [
	['mask = ', ['len_w', 'len_l', 'mean_len_w']],
	['len_w, len_l = ', ['len_w', 'len_l', 'mean_len_w']],
	['# The mean over all processes', ['mean_len_w']],
	['mean_len_w = ', ['mean_len_w']],
];

/** The subclass of DPOTrainer with the objective's loss. */
export function formulaScript({ torch }: Pick<CompiledObjective, 'torch'>): string {
	const signature = /\(([^*]*), \*/.exec(torch)?.[1] ?? '';
	const inputs = signature.split(', ');
	const given = inputs.slice(4).map((name) => `${name}=${name.startsWith('weight') ? '1.0' : name}`);
	const call = ['formula(logp_w', 'logp_l', 'ref_w', 'ref_l', ...given, 'beta=self.beta)'].join(', ');
	const body = FORMULA_PY.split('\n').filter((line) => {
		const [, names] = COMPUTED.find(([start]) => line.trimStart().startsWith(start)) ?? [];
		return names?.some((name) => inputs.includes(name)) ?? true;
	});
	const example = EXAMPLE.exec(FORMULA_PY)?.[0] ?? '';
	const loss = replaced(torch, /^def \w+/.exec(torch)?.[0] ?? '', 'def formula');
	return replaced(replaced(body.join('\n'), example, loss), CALL, call);
}

/** The text with the first `part` replaced, taken as it is. */
function replaced(text: string, part: string, by: string): string {
	return text.replace(part, () => by);
}
