/** Facts of models in words. */
import type { ModelConfig, ModelOrigin } from '#core/model/model.ts';

/** `135 M parameters`, `1.2 B parameters`, `24,000 parameters`. */
export function parameterWords(parameters: number): string {
	if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)} B parameters`;
	if (parameters >= 1e6) return `${Math.round(parameters / 1e6)} M parameters`;
	return `${parameters.toLocaleString('en-US')} parameters`;
}

export function originWords(origin: ModelOrigin): string {
	if (origin.place === 'page') return 'comes with the page';
	if (origin.place === 'hub') return origin.repository;
	return origin.place === 'server' ? `from ${origin.address}` : `from ${origin.name} on this machine`;
}

const FAMILIES = { llama: 'Llama', qwen2: 'Qwen2', qwen3: 'Qwen3' } as const;

/** `Llama family, 30 layers, 49,152 tokens`. */
export function architectureWords({ architecture, layers, vocabSize }: ModelConfig): string {
	return `${FAMILIES[architecture]} family, ${layers} layers, ${vocabSize.toLocaleString('en-US')} tokens`;
}
