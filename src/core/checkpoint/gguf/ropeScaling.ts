/**
 * Recovers Llama 3's rope scaling from a GGUF file. llama.cpp stores the scaling as one factor for each frequency
 * (`rope_freqs.weight`) and drops the settings from which it computed them; the released models of Llama 3.1 to
 * 3.3 share all settings but `factor`.
 */
import type { Fields } from '../../format/record.ts';
import { at } from '../../math/at.ts';
import { ggufUnsupported } from './fault.ts';
import type { Metadata } from './metadata.ts';

const LOW_FREQ_FACTOR = 1;
const HIGH_FREQ_FACTOR = 4;
const ORIGINAL_POSITIONS = 8192;
/** The stored factors are f32. */
const TOLERANCE = 1e-4;

export interface Rope {
	theta: number;
	headDim: number;
}

/**
 * @param factors [headDim / 2] of `rope_freqs.weight`; null if the file has no such tensor
 * @returns `rope_scaling` of `config.json`; null without scaling
 * @throws FormatError `gguf-unsupported` for another scaling
 */
export function ropeScaling(
	metadata: Metadata,
	architecture: string,
	factors: Float32Array | null,
	rope: Rope,
): Fields | null {
	const type = metadata.text(`${architecture}.rope.scaling.type`, 'none');
	const isLinear = type === 'linear' && metadata.number(`${architecture}.rope.scaling.factor`, 1) !== 1;
	if (isLinear || !['none', 'linear'].includes(type)) throw unsupported(metadata, `scaling of type ${type}`);
	if (factors === null || factors.every((factor) => factor === 1)) return null;
	const factor = at(factors, factors.length - 1);
	if (factors.length === rope.headDim / 2 && factor > 1) {
		const expected = llama3Factors(rope, factor);
		const isClose = (found: number, i: number): boolean =>
			Math.abs(found - at(expected, i)) <= TOLERANCE * at(expected, i);
		if (factors.every(isClose)) {
			return {
				rope_type: 'llama3',
				factor,
				low_freq_factor: LOW_FREQ_FACTOR,
				high_freq_factor: HIGH_FREQ_FACTOR,
				original_max_position_embeddings: ORIGINAL_POSITIONS,
			};
		}
	}
	throw unsupported(metadata, 'factors (rope_freqs.weight) that are not those of Llama 3');
}

/** [headDim / 2] divisors of the frequencies. */
function llama3Factors({ theta, headDim }: Rope, factor: number): number[] {
	return Array.from({ length: headDim / 2 }, (_, i) => {
		const wavelength = 2 * Math.PI * theta ** ((2 * i) / headDim);
		const periods = ORIGINAL_POSITIONS / wavelength;
		if (periods > HIGH_FREQ_FACTOR) return 1;
		if (periods < LOW_FREQ_FACTOR) return factor;
		const smooth = (periods - LOW_FREQ_FACTOR) / (HIGH_FREQ_FACTOR - LOW_FREQ_FACTOR);
		return 1 / ((1 - smooth) / factor + smooth);
	});
}

function unsupported(metadata: Metadata, what: string) {
	return ggufUnsupported(
		metadata.source,
		`the model uses rotary ${what}.`,
		'Take a model without rope scaling, or one of Llama 3.',
	);
}
