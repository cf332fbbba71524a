/** Ids at which generation stops: the tokenizer's end, and those that the model's configurations name. */

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param configs parsed `generation_config.json`, `config.json` (`eos_token_id`: one id or several) or
 *   `mlc-chat-config.json` (`conv_template.stop_token_ids`); null for a missing file
 */
export function stopTokenIds(eosTokenId: number, configs: readonly unknown[]): ReadonlySet<number> {
	return new Set([eosTokenId, ...configs.filter(isFields).flatMap(idsIn)]);
}

function idsIn(config: Fields): readonly number[] {
	const conversation = config['conv_template'];
	return [
		...idList(config['eos_token_id']),
		...(isFields(conversation) ? idList(conversation['stop_token_ids']) : []),
	];
}

function idList(value: unknown): readonly number[] {
	const list: readonly unknown[] = Array.isArray(value) ? value : [value];
	return list.filter((id): id is number => Number.isInteger(id) && Number(id) >= 0);
}

function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null;
}
