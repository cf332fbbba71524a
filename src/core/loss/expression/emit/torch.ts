/** An objective's loss → the text of a Python function on torch tensors. Autograd gives the gradient. */
import { FUNCTIONS } from '../functions.ts';
import { namesIn, type Expr } from '../tree.ts';
import { ASCII } from './ascii.ts';
import { ATOM, POWER, type Language } from './render.ts';
import { statements } from './statements.ts';

/** `lambda` is a keyword of Python; no other name of the language is. */
const pythonName = (name: string): string => (name === 'lambda' ? 'lambda_' : name);

const TORCH: Language<string> = {
	...ASCII,
	foldsConstants: true,
	name: pythonName,
	call(fn, args, trees) {
		// torch's functions take tensors only; as_tensor would make a float32.
		const tensors = args.map((arg, i) =>
			trees[i]?.constant === undefined ? arg : `logp_w.new_tensor(${arg})`,
		);
		return FUNCTIONS[fn].torch(...tensors);
	},
	power: ({ args: [base, exponent] }, part) => ({
		text: `${part(base, ATOM)} ** ${part(exponent, ATOM)}`,
		tightness: POWER,
	}),
};

const ALWAYS = ['logp_w', 'logp_l', 'ref_w', 'ref_l'];

/**
 * @param name      a Python identifier
 * @param settings  defaults of beta and of the objective's parameters, which become keyword arguments
 */
export function toTorch(name: string, loss: Expr, settings: Readonly<Record<string, number>>): string {
	const inputs = namesIn([loss]);
	const rewards = ['w', 'l'].filter((side) => inputs.includes(`r_${side}`));
	const tensors = inputs.filter(
		(input) => !ALWAYS.includes(input) && !(input in settings) && !input.startsWith('r_'),
	);
	const keywords = Object.entries(settings).map(([key, value]) => `${pythonName(key)}=${value}`);
	const { variables, results } = statements([loss], TORCH);
	const lines = [
		...Object.keys(settings).map((key) => `${pythonName(key)} = logp_w.new_tensor(${pythonName(key)})`),
		...rewards.map((side) => `r_${side} = beta * (logp_${side} - ref_${side})`),
		...variables.map((variable) => `${variable.name} = ${variable.value}`),
		...results.map((result) => `return ${result}`),
	];
	return [
		`def ${name}(${[...ALWAYS, ...tensors, '*', ...keywords].join(', ')}):`,
		...lines.map((line) => `    ${line}`),
	].join('\n');
}
