/** Opens a model in Hugging Face's form: `config.json`, the tokenizer's files, and safetensors. */
import { FormatError } from '../../errors.ts';
import { isRecord, type Fields } from '../../format/record.ts';
import { configFromHf } from '../../model/config.ts';
import type { ByteSource } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { safetensorsTensors } from './tensors.ts';

export interface HuggingFaceFiles {
	/** Parsed `config.json`. */
	config: unknown;
	/** Parsed `tokenizer.json`. */
	tokenizer: unknown;
	/** Parsed `tokenizer_config.json`. */
	tokenizerConfig: unknown;
	/** Text of `chat_template.jinja`, which newer repositories have in place of a field of `tokenizer_config.json`. */
	chatTemplate?: string;
	/** Parsed `model.safetensors.index.json`, if the weights are in several files. */
	index?: unknown;
	/** Under the names that the index uses: `model-00001-of-00002.safetensors`. */
	weights: readonly ByteSource[];
}

/**
 * Reads the headers; the numbers are read later.
 *
 * @throws FormatError `model-unsupported`, `model-config-invalid`, `checkpoint-file`, and those of
 *   `safetensorsTensors`; the sources' errors; Cancelled
 */
export async function openHuggingFace(files: HuggingFaceFiles, signal?: AbortSignal): Promise<Checkpoint> {
	const config = configFromHf(files.config);
	const tokenizerConfig = fieldsOf(files.tokenizerConfig, 'tokenizer_config.json');
	const template = files.chatTemplate === undefined ? {} : { chat_template: files.chatTemplate };
	return {
		hfConfig: fieldsOf(files.config, 'config.json'),
		config,
		tensors: await safetensorsTensors(files.weights, files.index, signal),
		tokenizerJson: fieldsOf(files.tokenizer, 'tokenizer.json'),
		tokenizerConfig: { ...tokenizerConfig, ...template },
		// The model’s page has it, and safetensors have no field for it.
		license: null,
	};
}

function fieldsOf(json: unknown, source: string): Fields {
	if (isRecord(json)) return json;
	throw new FormatError(`${source} should hold an object.`, {
		code: 'checkpoint-file',
		hint: 'The file is damaged or of another kind; take it from the model’s page again.',
		context: { source },
	});
}
