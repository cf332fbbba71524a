/** Loads the small files of a model that are needed to count tokens: its tokenizer and its configuration, not its weights. */
import { configFromMlc } from '#core/model/config.ts';
import type { ModelSource } from '#core/model/model.ts';
import { CHAT_CONFIG, TOKENIZER, TOKENIZER_CONFIG } from '../models/manifest.ts';
import { ModelFolder, type FolderOptions } from '../models/modelFolder.ts';
import { loadTokenizer, type TextTools } from '../tokenizer/tokenizer.ts';

export interface ModelText {
	tools: TextTools;
	/** Positions of the model. */
	positions: number;
}

/**
 * @param source its `url` must be absolute
 * @throws RemoteError, FormatError, Cancelled, as loading the model does
 */
export async function loadModelText(
	source: ModelSource,
	signal: AbortSignal,
	extras: Pick<FolderOptions, 'fetch' | 'cache'> = {},
): Promise<ModelText> {
	const folder = new ModelFolder(source, { ...extras, onProgress: () => undefined, signal });
	await folder.open();
	const config = configFromMlc(await folder.json(CHAT_CONFIG), CHAT_CONFIG);
	const tools = loadTokenizer(await folder.json(TOKENIZER), await folder.json(TOKENIZER_CONFIG));
	return { tools, positions: config.maxPositions };
}
