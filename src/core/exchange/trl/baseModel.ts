/** A model that is small enough for the folder, as the files that transformers reads. */
import { moduleName, projectionShapes, recordName } from '../../adapter/projections.ts';
import { FormatError } from '../../errors.ts';
import { isRecord } from '../../format/record.ts';
import { type NamedTensor, writeSafetensors } from '../../format/safetensors.ts';
import type { ZipEntry } from '../../format/zip.ts';
import type { ModelConfig, OpenedModel } from '../../model/model.ts';
import { jsonFile } from './files.ts';

/** @throws FormatError `base-not-float32` if a weight has another format */
export async function baseModelFiles(folder: string, model: OpenedModel): Promise<ZipEntry[]> {
	const weights: NamedTensor[] = [];
	await model.eachWeight((name, { shape, data }) => {
		if (!(data instanceof Float32Array)) {
			throw new FormatError(`${name} of the base model is not in float32.`, { code: 'base-not-float32' });
		}
		// The numbers are valid in this call only.
		weights.push(...unfused(model.config, { name, shape, data: data.slice() }));
	});
	const ids = specialIds(model);
	return [
		jsonFile(`${folder}/config.json`, { ...hfConfig(model.config), ...ids }),
		jsonFile(`${folder}/generation_config.json`, ids),
		{
			name: `${folder}/model.safetensors`,
			content: writeSafetensors(weights, { format: 'pt' }),
		},
		jsonFile(`${folder}/tokenizer.json`, model.tokenizerJson),
		jsonFile(`${folder}/tokenizer_config.json`, model.tokenizerConfig),
	];
}

/** MLC fuses q, k, v and gate, up into one record each; transformers names them apart. */
function unfused(config: ModelConfig, tensor: NamedTensor): NamedTensor[] {
	const [, prefix = '', layer = ''] = /^(model\.layers\.(\d+))\./.exec(tensor.name) ?? [];
	const shape = projectionShapes(config).find(
		({ projection }) =>
			`${recordName(config.architecture, Number(layer), projection)}.weight` === tensor.name,
	);
	if (prefix === '' || shape === undefined) return [tensor];
	return shape.parts.map(({ module, rowStart, rowEnd }) => ({
		name: `${prefix}.${moduleName(module)}.weight`,
		shape: [rowEnd - rowStart, shape.inFeatures],
		data: tensor.data.subarray(rowStart * shape.inFeatures, rowEnd * shape.inFeatures),
	}));
}

/** `config.json` of the Llama architecture, the only one of models that come with the page. */
function hfConfig(config: ModelConfig) {
	return {
		architectures: ['LlamaForCausalLM'],
		model_type: config.architecture,
		attention_bias: config.attentionBias,
		dtype: 'float32',
		head_dim: config.headDim,
		hidden_act: 'silu',
		hidden_size: config.hiddenSize,
		intermediate_size: config.intermediateSize,
		max_position_embeddings: config.maxPositions,
		num_attention_heads: config.heads,
		num_hidden_layers: config.layers,
		num_key_value_heads: config.kvHeads,
		rms_norm_eps: config.rmsNormEps,
		rope_parameters: { rope_theta: config.ropeTheta, rope_type: 'default' },
		tie_word_embeddings: config.tieWordEmbeddings,
		vocab_size: config.vocabSize,
	};
}

/** Ids of the tokens that end an answer and fill a batch, as the tokenizer has them. */
function specialIds({ tokenizerJson, tokenizerConfig }: OpenedModel) {
	const added: unknown = isRecord(tokenizerJson) ? tokenizerJson['added_tokens'] : [];
	const tokens: readonly unknown[] = Array.isArray(added) ? added : [];
	const idOf = (role: string): unknown => {
		const text = isRecord(tokenizerConfig) ? tokenizerConfig[role] : null;
		const token = tokens.find((one) => isRecord(one) && one['content'] === text);
		return isRecord(token) ? token['id'] : null;
	};
	return { bos_token_id: null, eos_token_id: idOf('eos_token'), pad_token_id: idOf('pad_token') };
}
