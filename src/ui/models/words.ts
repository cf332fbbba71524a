/** Facts of models in words. */
import { counted } from '#app/text/format.ts';
import type { Precision } from '#core/model/published/publishedModel.ts';
import type { ModelConfig, ModelOrigin } from '#core/model/model.ts';

/** `135 M parameters`, `1.2 B parameters`, `24,000 parameters`. */
export function parameterWords(parameters: number): string {
	if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)} B parameters`;
	if (parameters >= 1e6) return `${Math.round(parameters / 1e6)} M parameters`;
	return `${parameters.toLocaleString('en-US')} parameters`;
}

/** How exact a form is, and what it is called. */
export const PRECISION_WORDS: Readonly<Record<Precision, string>> = {
	bf16: '16 bits',
	q0f16: '16 bits (f16)',
	q4f16_1: '4 bits',
	Q8_0: '8 bits, GGUF',
};

const MONTHS = 'January February March April May June July August September October November December'.split(
	' ',
);

/** `2024-11` as `November 2024`. */
export function monthWords(released: string): string {
	const [year = '', month = ''] = released.split('-');
	return `${MONTHS[Number(month) - 1] ?? ''} ${year}`.trim();
}

export function originWords(origin: ModelOrigin): string {
	if (origin.place === 'page') return 'comes with the page';
	if (origin.place === 'hub') return origin.repository;
	// The title is the name of the file or folder.
	return origin.place === 'server' ? `from ${origin.address}` : 'from this machine';
}

const FAMILIES = { llama: 'Llama', qwen2: 'Qwen2', qwen3: 'Qwen3' } as const;

/** `Llama family, 30 layers, 49,152 tokens`. */
export function architectureWords({ architecture, layers, vocabSize }: ModelConfig): string {
	return `${FAMILIES[architecture]} family, ${counted(layers, 'layer')}, ${vocabSize.toLocaleString('en-US')} tokens`;
}
