/** Looks at a place before anything large is read: the forms of its model, and whether this workbench can use one. */
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import { formTitle, type ModelForm, type SafetensorsForm } from '#core/checkpoint/modelForms.ts';
import { FormatError, toWire } from '#core/errors.ts';
import { isRecord } from '#core/format/record.ts';
import { at } from '#core/math/at.ts';
import { configFromHf } from '#core/model/config.ts';
import type { ModelInspection } from '#core/model/keeper.ts';
import type { ModelLicense } from '#core/model/license.ts';
import { keptId } from '#core/model/keptId.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { parametersOf } from '#core/model/parameters.ts';
import { expectVocabulary } from '#core/model/vocabulary.ts';
import { chatRendererOf, loadTokenizer } from '../../tokenizer/tokenizer.ts';
import type { OpenPlace } from '../places/place.ts';
import { weightsOf } from '../libraries/libraryView.ts';
import { CHAT_CONFIG } from '../manifest.ts';
import { openMlc } from './folderContents.ts';
import { FormFiles } from './readFiles.ts';
import { shardBytes, weightFormat } from './weightFormat.ts';

/** GGUF forms that lose little and need little, the best first. */
const GOOD = ['Q8_0', 'F16', 'BF16', 'Q6_K', 'Q5_K_M', 'Q4_K_M'];

/**
 * @param formId null takes the form that the place names, or a good one
 * @throws FormatError `model-form-unknown` if the place has no such form; the sources' errors; Cancelled
 */
export async function inspectPlace(
	place: OpenPlace,
	formId: string | null,
	signal: AbortSignal,
): Promise<ModelInspection> {
	const id = formId ?? idOf(place.forms, place.wanted) ?? defaultForm(place.forms);
	const form = formOf(place, id);
	const { facts, refusal } = await usable(form, place, signal);
	return {
		id: place.remote === null ? null : keptId(place.origin, id),
		title: place.title,
		origin: place.origin,
		license: place.license ?? facts.license,
		forms: [...place.forms].map(([key, one]) => ({ id: key, title: formTitle(one), bytes: one.bytes })),
		form: id,
		downloadBytes: place.remote === null ? 0 : form.bytes,
		...{ keptBytes: facts.keptBytes, weights: facts.weights, config: facts.config },
		libraryForms: facts.libraryForms,
		parameters: facts.config === null ? null : parametersOf(facts.config),
		refusal,
	};
}

/** @throws FormatError `model-form-unknown` */
export function formOf({ forms, title }: OpenPlace, id: string): ModelForm {
	const form = forms.get(id);
	if (form !== undefined) return form;
	throw new FormatError(`${title} has no form “${id}” any more.`, {
		code: 'model-form-unknown',
		hint: `Choose one of: ${[...forms.keys()].slice(0, 20).join(', ')}.`,
		context: { form: id },
	});
}

function idOf(forms: OpenPlace['forms'], wanted: ModelForm | null): string | null {
	for (const [id, form] of forms) if (form === wanted) return id;
	return null;
}

/** Safetensors are exact; of GGUF files one that loses little. MLC's folders are usually 4-bit. */
function defaultForm(forms: OpenPlace['forms']): string {
	const ids = [...forms.keys()];
	const exact = ids.find((id) => forms.get(id)?.kind === 'safetensors');
	const good = GOOD.flatMap((name) => ids.filter((id) => id === name || id.endsWith(`/${name}`)));
	return exact ?? good[0] ?? at(ids, 0);
}

async function usable(
	form: ModelForm,
	place: OpenPlace,
	signal: AbortSignal,
): Promise<{ facts: Facts; refusal: ModelInspection['refusal'] }> {
	try {
		return { facts: await factsOf(form, place, signal), refusal: null };
	} catch (error) {
		// The form cannot be used; the page shows the reason beside the other forms.
		if (error instanceof FormatError) return { facts: UNUSABLE, refusal: toWire(error) };
		throw error;
	}
}

type Facts = Pick<ModelInspection, 'config' | 'license' | 'keptBytes' | 'weights' | 'libraryForms'>;
const UNUSABLE: Facts = { config: null, license: null, keptBytes: null, weights: null, libraryForms: [] };

async function factsOf(form: ModelForm, place: OpenPlace, signal: AbortSignal): Promise<Facts> {
	if (form.kind === 'mlc') {
		const { config, tensors, small } = await openMlc(form, place.peek, signal);
		const library = weightsOf(small.get(CHAT_CONFIG), tensors);
		return {
			config,
			license: null,
			keptBytes: shardBytes(tensors),
			weights: weightFormat(tensors),
			libraryForms: library === null ? [] : [library],
		};
	}
	if (form.kind === 'safetensors')
		return converted(await huggingFaceConfig(form, place, signal), 'bf16', null);
	const checkpoint = await openGguf(form.weights.map(place.peek), signal);
	expectVocabulary(checkpoint.tokenizerJson, checkpoint.config.vocabSize, 'tokenizer.ggml.tokens');
	loadTokenizer(checkpoint.tokenizerJson, checkpoint.tokenizerConfig);
	expectChat(checkpoint.tokenizerConfig);
	return converted(checkpoint.config, 'f16', checkpoint.license);
}

/** Safetensors and GGUF files are stored with two bytes a number. */
function converted(config: ModelConfig, weights: 'f16' | 'bf16', license: ModelLicense | null): Facts {
	const other = weights === 'bf16' ? 'f16' : 'bf16';
	return { config, license, keptBytes: 2 * parametersOf(config), weights, libraryForms: [weights, other] };
}

/** The tokenizer itself is large; whether there is one, and whether the chat template works, shows without it. */
async function huggingFaceConfig(
	form: SafetensorsForm,
	{ peek }: OpenPlace,
	signal: AbortSignal,
): Promise<ModelConfig> {
	const files = new FormFiles(form, peek, signal);
	const config = configFromHf(await files.json('config.json'));
	if (!files.has('tokenizer.json')) await files.json('tokenizer.json');
	const tokenizerConfig = (await files.jsonIfAny('tokenizer_config.json')) ?? {};
	const template = await files.textIfAny('chat_template.jinja');
	const own = template === null ? {} : { chat_template: template };
	expectChat(isRecord(tokenizerConfig) ? { ...tokenizerConfig, ...own } : tokenizerConfig);
	return config;
}

/**
 * Shows before a download that every answer would fail.
 *
 * @throws FormatError `tokenizer-invalid`, `chat-template-missing`, `chat-template-failed`
 */
function expectChat(tokenizerConfig: unknown): void {
	chatRendererOf(tokenizerConfig)([{ role: 'user', content: 'Hello' }], true);
}
