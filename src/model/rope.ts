/** Rotary position frequencies, unscaled and with Llama 3's scaling. The attention kernel applies them. */
import type { Llama3RopeScaling, ModelConfig } from '#core/model/model.ts';

/**
 * Angle per position of each rotated pair of a head (dimension i with i + D/2).
 *
 * @returns [D/2] radians per token, falling from 1
 * @source  transformers `modeling_rope_utils`: `_compute_default_rope_parameters`, `_compute_llama3_parameters` ·
 *          golden: model-llama3
 */
export function ropeFrequencies(
	config: Pick<ModelConfig, 'headDim' | 'ropeTheta' | 'ropeScaling'>,
): Float32Array {
	const { headDim, ropeTheta, ropeScaling } = config;
	return Float32Array.from({ length: headDim / 2 }, (_, i) => {
		const frequency = ropeTheta ** ((-2 * i) / headDim);
		return ropeScaling === null ? frequency : scaledFrequency(frequency, ropeScaling);
	});
}

/**
 * Divides the frequency of long wavelengths by `factor`, keeps short wavelengths, and blends those in
 * between.
 */
function scaledFrequency(frequency: number, scaling: Llama3RopeScaling): number {
	const { factor, lowFreqFactor, highFreqFactor, originalMaxPositions } = scaling;
	const wavelength = (2 * Math.PI) / frequency;
	if (wavelength < originalMaxPositions / highFreqFactor) return frequency;
	if (wavelength > originalMaxPositions / lowFreqFactor) return frequency / factor;
	const smooth = (originalMaxPositions / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
	return ((1 - smooth) * frequency) / factor + smooth * frequency;
}
