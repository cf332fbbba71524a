/**
 * The objective's gradient with respect to the summed log-probabilities, so that the step needs no readback
 * before its backward pass.
 *
 *   paired     dlogps[s] = scale·∂L/∂logps[s]             L is the loss of the pair, s its chosen or rejected segment
 *   unpaired   dlogps[s] = scale·f·weight[s]·∂L/∂logps[s] L is separable: its other completion has no part in this derivative; f is 1,
 *                                                        or 2 if the loss of a pair is the mean of two rows
 *
 * The host computes the losses themselves, in f64. The expressions are the objective's own; β, the parameters
 * and the step's statistics are uniforms, so each objective is one program. Grid: one thread per segment.
 * Traffic: a few hundred bytes.
 *
 * @reference preference.reference.ts (f64) · tests/gpu/preference.test.ts
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { CHOSEN } from '#core/batch/segments.ts';
import { expectPartners, unpairedFactor, type StepValues } from '#core/loss/example.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { valueReader, valuesAtRewards } from '#core/loss/objectives/values.ts';
import { axis, defineOp, expectShape, output1D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { program, type Program, type Uniform } from '../../gpu/wgsl.ts';
import type { PreferenceOptions } from './options.ts';
import { preferenceGradStock } from './preference.stock.ts';
import { SEGMENT_WIDTH, type SegmentTable } from './segments.ts';

const WORKGROUP = 64;

/** WGSL of each symbol of an example whose completions are the segments `w` and `l`; the table is named `segments`. */
const EXAMPLE_SYMBOLS: Readonly<Record<string, string>> = {
	r_w: 'u.beta * (logps[w] - reference[w])',
	r_l: 'u.beta * (logps[l] - reference[l])',
	logp_w: 'logps[w]',
	logp_l: 'logps[l]',
	ref_w: 'reference[w]',
	ref_l: 'reference[l]',
	len_w: 'segments[w].z',
	len_l: 'segments[l].z',
	// The weight of an unpaired segment is a factor of its whole term.
	weight_w: 'select(segments[w].w, 1.0, unpaired)',
	weight_l: 'select(segments[l].w, 1.0, unpaired)',
};

/** Symbols whose values change at each step. */
const STATISTICS = ['mean_len_w', 'kl'];

interface GradProgram {
	readonly program: Program;
	/** The uniforms after `segments` and `scale`. @throws AppError `objective-value-missing` */
	readonly uniformsOf: (step: StepValues) => readonly number[];
}

function buildProgram(objective: CompiledObjective): GradProgram {
	const { id, inputs, wgsl } = objective;
	// The rewards need β even if the expressions do not.
	const symbols = ['beta', ...inputs.filter((name) => name !== 'beta' && !(name in EXAMPLE_SYMBOLS))];
	const uniforms: Uniform[] = [
		['segments', 'u32'],
		['scale', 'f32'],
	];
	const parameters = inputs.map((name) => `${name} : f32`).join(', ');
	const values = inputs.map((name) => EXAMPLE_SYMBOLS[name] ?? `u.${name}`).join(', ');
	return {
		uniformsOf: uniformReader(objective, symbols),
		program: program(`preferenceGrad ${id}`, {
			bindings: [
				['logps', 'read', 'f32'],
				['reference', 'read', 'f32'],
				['segments', 'read', 'vec4f'],
				['dlogps', 'write', 'f32'],
			],
			uniforms: [...uniforms, ...symbols.map((name): Uniform => [name, 'f32'])],
			volatile: symbols.some((name) => STATISTICS.includes(name)),
			body: /* wgsl */ `
${wgsl.helpers}
fn chosenGrad(${parameters}) -> f32 { return ${wgsl.chosen}; }
fn rejectedGrad(${parameters}) -> f32 { return ${wgsl.rejected}; }

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.segments) { return; }
	let own = segments[id.x];
	let unpaired = own.y < 0.0;
	let chosen = own.x == ${CHOSEN}.0;
	// A separable term does not depend on the other completion, so an unpaired segment may take that place itself.
	let other = select(u32(max(own.y, 0.0)), id.x, unpaired);
	let w = select(other, id.x, chosen);
	let l = select(id.x, other, chosen);
	var d : f32;
	if (chosen) { d = chosenGrad(${values}); } else { d = rejectedGrad(${values}); }
	dlogps[id.x] = u.scale * select(1.0, ${unpairedFactor(objective)}.0 * own.w, unpaired) * d;
}`,
		}),
	};
}

function uniformReader(
	{ parameters = {} }: CompiledObjective,
	symbols: readonly string[],
): GradProgram['uniformsOf'] {
	const defaults = Object.entries(parameters).map(([name, parameter]) => [name, parameter.default] as const);
	const read = valueReader(symbols, new Map(defaults));
	// None of these symbols belongs to a pair, so any pair's values serve.
	return (step) => read({ ...valuesAtRewards(0, 0), ...step });
}

const programs = new WeakMap<CompiledObjective, GradProgram>();

/** Builds one program per objective, because the engine caches programs by identity first. */
function programOf(objective: CompiledObjective): GradProgram {
	const built = programs.get(objective) ?? buildProgram(objective);
	programs.set(objective, built);
	return built;
}

type Inputs = Record<'logps' | 'reference', Tensor1D> & { rows: Tensor2D };

const op = defineOp<Inputs, PreferenceOptions>('AnchoragePreferenceGrad', {
	webgpu: ({ logps, reference, rows }, { objective, step, scale }) => {
		const gpu = recorder();
		const S = axis(logps, 0);
		const { program, uniformsOf } = programOf(objective);
		const uniforms = [S, scale, ...uniformsOf(step)];
		const dlogps = gpu.allocate([S]);
		gpu.record(program, [logps, reference, rows, dlogps], uniforms, [Math.ceil(S / WORKGROUP)]);
		return [dlogps];
	},
	stock: ({ logps, reference, rows }, options) => [preferenceGradStock(logps, reference, rows, options)],
});

/**
 * @param logps     [S] nats
 * @param reference [S] the same with the adapter off
 * @returns         ∂(scale·Σ L)/∂logps [S]
 * @throws          ShapeError `example-unpaired` or of another shape; AppError `objective-value-missing`
 */
export function preferenceGrad(
	logps: Tensor1D,
	reference: Tensor1D,
	segments: SegmentTable,
	options: PreferenceOptions,
): Tensor1D {
	const S = axis(logps, 0);
	expectShape('preferenceGrad', 'reference', reference, [S]);
	expectShape('preferenceGrad', 'segments', segments.rows, [S, SEGMENT_WIDTH]);
	expectPartners(options.objective, segments.unpaired);
	return output1D(op({ logps, reference, rows: segments.rows }, options), 0);
}
