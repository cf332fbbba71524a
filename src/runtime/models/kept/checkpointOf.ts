/** Opens safetensors with their companions, or a GGUF file, as a checkpoint. */
import type { Checkpoint } from '#core/checkpoint/checkpoint.ts';
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import type { GgufForm, SafetensorsForm } from '#core/checkpoint/modelForms.ts';
import { openHuggingFace } from '#core/checkpoint/safetensors/open.ts';
import { isRecord, type Fields } from '#core/format/record.ts';
import { FormFiles, type SourceOf } from './readFiles.ts';

/** @throws FormatError naming file and field; the sources' errors; Cancelled */
export async function checkpointOf(
	form: SafetensorsForm | GgufForm,
	sourceOf: SourceOf,
	signal: AbortSignal,
): Promise<Checkpoint> {
	if (form.kind === 'gguf') return openGguf(form.weights.map(sourceOf), signal);
	const files = new FormFiles(form, sourceOf, signal);
	const chatTemplate = await files.textIfAny('chat_template.jinja');
	const checkpoint = await openHuggingFace(
		{
			config: await files.json('config.json'),
			tokenizer: await files.json('tokenizer.json'),
			tokenizerConfig: (await files.jsonIfAny('tokenizer_config.json')) ?? {},
			...(chatTemplate === null ? {} : { chatTemplate }),
			...(form.index === null ? {} : { index: await files.json('model.safetensors.index.json') }),
			weights: form.weights.map((path) => named(sourceOf(path), form.folder)),
		},
		signal,
	);
	return withStopTokens(checkpoint, await files.jsonIfAny('generation_config.json'));
}

/** The index names files inside their folder. */
function named(source: ReturnType<SourceOf>, folder: string): ReturnType<SourceOf> {
	const { name, size } = source;
	return { name: name.slice(folder.length), size, read: (...range) => source.read(...range) };
}

/** `generation_config.json` may name more tokens that end an answer than `config.json`. */
function withStopTokens(checkpoint: Checkpoint, generation: unknown): Checkpoint {
	const lists = [checkpoint.hfConfig, isRecord(generation) ? generation : {}].map(endTokens);
	const hfConfig: Fields = { ...checkpoint.hfConfig, eos_token_id: [...new Set(lists.flat())] };
	return { ...checkpoint, hfConfig };
}

function endTokens(config: Fields): unknown[] {
	const ids: unknown = config['eos_token_id'] ?? [];
	return Array.isArray(ids) ? ids : [ids];
}
