/**
 * The objective's gradient with respect to the summed log-probabilities, so that the step needs no readback
 * before its backward pass.
 *
 *   paired     dlogps[s] = scale·∂L/∂logps[s]             L is the loss of the pair, s its chosen or rejected segment
 *   unpaired   dlogps[s] = scale·f·weight[s]·∂L/∂logps[s] L is separable: its other completion has no part in this derivative; f is 1,
 *                                                        or 2 if the loss of a pair is the mean of two rows
 *
 * The host computes the losses themselves, in f64. The expressions are the objective's own; β, the parameters
 * and the statistics of lengths are uniforms, so each objective is one program; the drift is a buffer. Grid: one thread per segment.
 * Traffic: a few hundred bytes.
 *
 * @reference preference.reference.ts (f64) · tests/gpu/preference.test.ts
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { CHOSEN } from '#core/batch/segments.ts';
import { expectPartners, readsDrift, unpairedFactor, type StepValues } from '#core/loss/example.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { missingValue, valueReader, valuesAtRewards } from '#core/loss/objectives/values.ts';
import { axis, defineOp, expectShape, output1D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { program, type Binding, type Program, type Uniform } from '../../gpu/wgsl.ts';
import type { PreferenceOptions } from './options.ts';
import { preferenceGradStock, type PreferenceInputs } from './preference.stock.ts';
import { SEGMENT_WIDTH, type SegmentTable } from './segments.ts';

const WORKGROUP = 64;

/** WGSL of each symbol that is no uniform. The example's completions are the segments `w` and `l`; the table is named `segments`. */
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
	// Like TRL's estimate, not below 0.
	kl: 'max(drift[0], 0.0)',
};

/** Symbols whose values change at each step. */
const STATISTICS = ['mean_len_w'];

const DRIFT: Binding = ['drift', 'read', 'f32'];

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
				...(readsDrift(objective) ? [DRIFT] : []),
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

const op = defineOp<PreferenceInputs, PreferenceOptions>('AnchoragePreferenceGrad', {
	webgpu: ({ logps, reference, rows, drift }, { objective, step, scale }) => {
		const gpu = recorder();
		const S = axis(logps, 0);
		const { program, uniformsOf } = programOf(objective);
		const uniforms = [S, scale, ...uniformsOf(step)];
		const dlogps = gpu.allocate([S]);
		const inputs = [logps, reference, rows, ...(drift === undefined ? [] : [drift])];
		gpu.record(program, [...inputs, dlogps], uniforms, [Math.ceil(S / WORKGROUP)]);
		return [dlogps];
	},
	stock: (inputs, options) => [preferenceGradStock(inputs, options)],
});

/**
 * @param logps     [S] nats
 * @param reference [S] the same with the adapter off
 * @param drift     [1] the mean log-ratio of mismatched completions, if the objective reads `kl`
 * @returns         ∂(scale·Σ L)/∂logps [S]
 * @throws          ShapeError `example-unpaired` or of another shape; AppError `objective-value-missing`
 */
export function preferenceGrad(
	logps: Tensor1D,
	reference: Tensor1D,
	segments: SegmentTable,
	options: PreferenceOptions,
	drift: Tensor1D | null = null,
): Tensor1D {
	const S = axis(logps, 0);
	expectShape('preferenceGrad', 'reference', reference, [S]);
	expectShape('preferenceGrad', 'segments', segments.rows, [S, SEGMENT_WIDTH]);
	expectPartners(options.objective, segments.unpaired);
	const inputs = { logps, reference, rows: segments.rows };
	if (!readsDrift(options.objective)) return output1D(op(inputs, options), 0);
	if (drift === null) return missingValue('kl');
	expectShape('preferenceGrad', 'drift', drift, [1]);
	return output1D(op({ ...inputs, drift }, options), 0);
}
