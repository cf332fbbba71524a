/** Writes a workload in the form that transformers, PEFT and bench/torch/peer.py read. Runs in Node. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePeftAdapter } from '#core/adapter/peft.ts';
import { writeSafetensors } from '#core/format/safetensors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { padPairs } from './padded.ts';
import { splitWeights, type Workload } from './workload.ts';

/** Number of learning rates written; a longer run keeps the last one. */
const STEPS = 200;

/** transformers' `config.json`. */
function hfConfig(config: ModelConfig): Record<string, unknown> {
	const name = { llama: 'Llama', qwen2: 'Qwen2', qwen3: 'Qwen3' }[config.architecture];
	return {
		architectures: [`${name}ForCausalLM`],
		model_type: config.architecture,
		hidden_size: config.hiddenSize,
		intermediate_size: config.intermediateSize,
		num_hidden_layers: config.layers,
		num_attention_heads: config.heads,
		num_key_value_heads: config.kvHeads,
		head_dim: config.headDim,
		vocab_size: config.vocabSize,
		rms_norm_eps: config.rmsNormEps,
		rope_parameters: { rope_type: 'default', rope_theta: config.ropeTheta },
		tie_word_embeddings: config.tieWordEmbeddings,
		max_position_embeddings: config.maxPositions,
		hidden_act: 'silu',
		attention_bias: config.attentionBias,
		mlp_bias: false,
		dtype: 'float32',
	};
}

export async function exportWorkload(workload: Workload, folder: string): Promise<void> {
	if (workload.config.ropeScaling !== null) throw new Error('Scaled rotary frequencies are not exported.');
	const write = async (path: string, data: string | Uint8Array): Promise<void> => {
		await mkdir(join(folder, path, '..'), { recursive: true });
		await writeFile(join(folder, path), data);
	};
	const tensors = [...splitWeights(workload)].map(([name, tensor]) => ({
		name: name.startsWith('lm_head') ? name : `model.${name}`,
		...tensor,
	}));
	await write('model/config.json', JSON.stringify(hfConfig(workload.config)));
	await write('model/model.safetensors', writeSafetensors(tensors, { format: 'pt' }));
	const { weights, config } = writePeftAdapter(workload.adapter);
	await write('adapter/adapter_model.safetensors', weights);
	await write('adapter/adapter_config.json', JSON.stringify(config));
	const { beta, optimiser, learningRate } = workload;
	const batches = workload.batches.map((pairs) => {
		const { rows, tokens, ids, lengths, mask } = padPairs(pairs);
		return { rows, tokens, ids: [...ids], lengths: [...lengths], mask: [...mask] };
	});
	const learningRates = Array.from({ length: STEPS }, (_, i) => learningRate(i + 1));
	await write('run.json', JSON.stringify({ beta, optimiser, learningRates, batches }));
}
