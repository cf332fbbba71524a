/** Hugging Face's names of the tensors in GGUF files of the Llama family. */

const TOP: ReadonlyMap<string, string> = new Map([
	['token_embd.weight', 'model.embed_tokens.weight'],
	['output_norm.weight', 'model.norm.weight'],
	['output.weight', 'lm_head.weight'],
]);

const IN_LAYER: ReadonlyMap<string, string> = new Map([
	['attn_norm', 'input_layernorm'],
	['attn_q', 'self_attn.q_proj'],
	['attn_k', 'self_attn.k_proj'],
	['attn_v', 'self_attn.v_proj'],
	['attn_q_norm', 'self_attn.q_norm'],
	['attn_k_norm', 'self_attn.k_norm'],
	['attn_output', 'self_attn.o_proj'],
	['ffn_norm', 'post_attention_layernorm'],
	['ffn_gate', 'mlp.gate_proj'],
	['ffn_up', 'mlp.up_proj'],
	['ffn_down', 'mlp.down_proj'],
]);

const LAYER = /^blk\.(0|[1-9]\d{0,4})\.(\w+)\.(weight|bias)$/;

/** Null if no model of the family has such a tensor. */
export function huggingFaceName(name: string): string | null {
	const top = TOP.get(name);
	if (top !== undefined) return top;
	const [, layer = '', part = '', kind = ''] = LAYER.exec(name) ?? [];
	const module = IN_LAYER.get(part);
	return module === undefined ? null : `model.layers.${layer}.${module}.${kind}`;
}
