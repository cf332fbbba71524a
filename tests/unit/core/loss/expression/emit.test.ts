import { describe, expect, test } from 'vitest';
import type { MathNode } from '#core/loss/expression/emit/mathNodes.ts';
import { compileLoss, TRL_OBJECTIVES } from '#tests/support/trlObjectives.ts';

/** MathML as text: elements with children in braces, operators unchanged. */
function written(node: MathNode): string {
	const children = (node.children ?? []).map(written);
	if (node.tag === 'mrow') return children.join('');
	if (node.tag === 'mfrac') return `[${children.join(' / ')}]`;
	if (node.tag === 'msub') return children.join('_');
	if (node.tag === 'msup') return children[1] === '′' ? children.join('') : children.join('^');
	if (node.tag === 'mspace') return ' ';
	return (node.text ?? children.join('')).replace(/[\u2061\u2062]/, '');
}

function gradient(name: string): string[] {
	const { chosen, rejected } = TRL_OBJECTIVES.get(name)!.mathml.gradient;
	return [written(chosen), written(rejected)];
}

describe('MathML', () => {
	test.each([
		['apo_zero', '1−σ(r_w)+σ(r_l)'],
		['apo_down', 'σ(r_w)+1−σ(r_w−r_l)'],
		['sigmoid', '−log σ(r_w−r_l)'],
		['sft', '−[log π_θ(y_w∣x) / mean |y_w|]'],
		['hinge', 'max(0,1−(r_w−r_l))'],
		['sigmoid_norm', '−log σ([r_w / |y_w|]−[r_l / |y_l|])'],
		[
			'simpo',
			'−(1−ε)log σ(β([log π_θ(y_w∣x) / |y_w|]−[log π_θ(y_l∣x) / |y_l|])−γ)−εlog σ(γ−β([log π_θ(y_w∣x) / |y_w|]−[log π_θ(y_l∣x) / |y_l|]))',
		],
		['apo_zero_unpaired', '[λ_w(1−σ(r_w)) / 2]+[λ_lσ(r_l) / 2]'],
		[
			'sppo_hard',
			'(log π_θ(y_w∣x)−log π_ref(y_w∣x)−[1 / 2β])^2+(log π_θ(y_l∣x)−log π_ref(y_l∣x)+[1 / 2β])^2',
		],
	])('of %s is as typed, in the papers’ symbols', (name, formula) => {
		expect(written(TRL_OBJECTIVES.get(name)!.mathml.loss)).toBe(formula);
	});

	test.each([
		['apo_zero', '−σ′(r_w)', 'σ′(r_l)'],
		['apo_down', 'σ′(r_w)−σ′(r_w−r_l)', 'σ′(r_w−r_l)'],
		['sigmoid', '−σ(r_l−r_w)', 'σ(r_l−r_w)'],
		['kto', '−[λ_wσ′(r_w−βKL) / 2]', '[λ_lσ′(βKL−r_l) / 2]'],
		['hinge', '−1[1−r_w+r_l>0]', '1[1−r_w+r_l>0]'],
	])('of %s’s derivatives by the rewards is short', (name, chosen, rejected) => {
		expect(gradient(name)).toEqual([`[∂ℒ / ∂r_w]=${chosen}`, `[∂ℒ / ∂r_l]=${rejected}`]);
	});

	test('of a loss without rewards, the derivatives are by the log-probabilities', () => {
		expect(gradient('sft')).toEqual(['[∂ℒ / ∂log π_θ(y_w∣x)]=−[1 / mean |y_w|]', '[∂ℒ / ∂log π_θ(y_l∣x)]=0']);
	});

	test('colours the two sides', () => {
		const sides = (node: MathNode): string[] => [
			...(node.side === undefined ? [] : [node.side]),
			...(node.children ?? []).flatMap(sides),
		];
		expect(sides(TRL_OBJECTIVES.get('apo_down')!.mathml.loss)).toEqual(['chosen', 'chosen', 'rejected']);
	});

	test('keeps what was typed out of the markup: every text is a known letter, word, number or sign', () => {
		const texts = (node: MathNode): string[] => [
			...(node.text === undefined ? [] : [node.text]),
			...(node.children ?? []).flatMap(texts),
		];
		const { loss } = compileLoss('lambda*max(r_w, 0.5)^2', { lambda: 1 }).mathml;
		expect(texts(loss).join(' ')).toBe('λ \u2062 ( max \u2061 ( r w , 0.5 ) ) 2');
	});

	test('a gradient that nobody could read is not written out', () => {
		const product = Array.from({ length: 30 }, (_, i) => `(r_w + ${i}*r_l)`).join('*');
		expect(written(compileLoss(product).mathml.gradient.chosen)).toBe('[∂ℒ / ∂r_w]=too long to show');
	});
});

describe('WGSL', () => {
	const wgsl = (loss: string, parameters = {}) => compileLoss(loss, parameters).wgsl;

	test('names symbols as they are, and writes float literals', () => {
		expect(wgsl('tau*r_w/3 + 0.1*r_w', { tau: 1 }).chosen).toBe('beta * (tau / 3.0 + 0.1)');
	});

	test('defines what WGSL lacks, once', () => {
		const { helpers, chosen } = wgsl('log1mexp(logp_w)*log_sigma(r_w)^3');
		const named = (pattern: RegExp): string[] =>
			[...`${helpers} ${chosen}`.matchAll(pattern)].map((match) => match[1]!);
		const defined = named(/\bfn (\w+)\(/g);
		const builtIn = ['abs', 'exp', 'log', 'max', 'min', 'pow', 'select', 'if'];
		const called = named(/\b(\w+) ?\(/g).filter((name) => !builtIn.includes(name));
		expect(defined.toSorted()).toEqual([...new Set(called)].sort());
	});

	test('computes shared parts once, in a function of its own', () => {
		const { helpers, chosen } = wgsl('exp(sigma(r_w)*r_l) + square(sigma(r_w))');
		expect(chosen).toMatch(/^gradient_w\((\w+, )*\w+\)$/);
		expect(helpers).toMatch(/let t0 = sigma\(r_w\);/);
	});

	test('never leaves two constants side by side, which a compiler might overflow', () => {
		expect(wgsl('r_w*log(2)*exp(2)*3').chosen).toBe('15.36511 * beta');
	});

	test('fractions keep their parentheses', () => {
		expect(wgsl('r_w/(len_w*len_l)/(1 + len_w)').chosen).toBe('beta / (len_w * len_l * (1.0 + len_w))');
	});
});

describe('torch', () => {
	test('is a function of tensors', () => {
		const margin = '-log_sigma(beta*(logp_w/len_w - logp_l/len_l) - gamma)';
		expect(compileLoss(margin, { gamma: 0.5 }).torch).toBe(
			`def test(logp_w, logp_l, ref_w, ref_l, len_w, len_l, *, beta=0.1, gamma=0.5):
    beta = logp_w.new_tensor(beta)
    gamma = logp_w.new_tensor(gamma)
    return -F.logsigmoid(beta * (logp_w / len_w - logp_l / len_l) - gamma)`,
		);
	});

	test('derives rewards, and renames the words of Python', () => {
		expect(compileLoss('max(lambda, r_w)^2', { lambda: 0 }).torch).toBe(
			`def test(logp_w, logp_l, ref_w, ref_l, *, beta=0.1, lambda_=0):
    beta = logp_w.new_tensor(beta)
    lambda_ = logp_w.new_tensor(lambda_)
    r_w = beta * (logp_w - ref_w)
    return torch.maximum(lambda_, r_w) ** 2`,
		);
	});

	test('constants are tensors where a function takes only those', () => {
		expect(compileLoss('max(0.5, r_w)').torch).toContain('torch.maximum(logp_w.new_tensor(0.5), r_w)');
	});
});
