/**
 * Recognises the forms of a model among the files of a repository, a server or a folder on disk. One folder can hold several, such
 * as safetensors and GGUF; each is returned, and the form with the least work to load comes first.
 */
import { FormatError } from '../errors.ts';
import { byteSize } from '../format/byteSize.ts';

export interface ListedPath {
	/** With slashes, relative to the chosen folder. */
	path: string;
	/** Bytes. */
	size: number;
}

/** Weights that WebLLM reads as they are, in MLC's shards. */
export interface MlcForm {
	kind: 'mlc';
	/** Folder of the files, with a slash at the end; empty for the root. */
	folder: string;
	/** `tensor-cache.json`, or `ndarray-cache.json` in folders of older MLC. */
	tensorCache: string;
	/** Everything to load, the small files first. */
	paths: readonly string[];
	bytes: number;
}

/** Weights in one or several safetensors files, as transformers saves them. */
export interface SafetensorsForm {
	kind: 'safetensors';
	folder: string;
	/** Files with tensors, in the order of their names. */
	weights: readonly string[];
	/** `model.safetensors.index.json`; null if one file has all tensors. */
	index: string | null;
	/** Configuration and tokenizer, then the weights. */
	paths: readonly string[];
	bytes: number;
}

/** One GGUF model of llama.cpp, which has configuration and tokenizer inside. */
export interface GgufForm {
	kind: 'gguf';
	folder: string;
	/** `Q4_K_M`, `F16`; null if the name has none. */
	quantization: string | null;
	/** One file, or its splits in order. */
	weights: readonly string[];
	/** The weights, after the files of the folder that describe the tokenizer, if any. */
	paths: readonly string[];
	bytes: number;
}

export type ModelForm = MlcForm | SafetensorsForm | GgufForm;

const MLC_CONFIG = 'mlc-chat-config.json';
const MLC_TENSORS = ['tensor-cache.json', 'ndarray-cache.json'];
const HF_CONFIG = 'config.json';
const INDEX = 'model.safetensors.index.json';
/** Files beside the weights that a model needs, as transformers names them. */
export const COMPANIONS: ReadonlySet<string> = new Set([
	HF_CONFIG,
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'added_tokens.json',
	'chat_template.jinja',
	'chat_template.json',
	'vocab.json',
	'merges.txt',
	'tokenizer.model',
]);
/** Safetensors that are no model by themselves, or a copy of one in another form. */
const NOT_WEIGHTS = /^(?:adapter_|consolidated|optimizer|training_)|lora/i;
const SPLIT = /^(.{1,200})-(\d{5})-of-(\d{5})\.(gguf|safetensors)$/;
/** Parts of GGUF models that are no language model: projectors of images, and statistics of quantization. */
const NOT_GGUF_MODEL = /mmproj|imatrix/i;
const QUANTIZATION =
	/(?:^|[-._])((?:I?Q\d(?:_\w{1,8})?|TQ\d_\d|MXFP4(?:_MOE)?|BF16|F16|F32|FP16|FP32))(?=$|[-._])/gi;

/** All forms of a model among the files, the easiest to load first. Empty if there is none: see {@link expectForms}. */
export function modelForms(files: readonly ListedPath[]): readonly ModelForm[] {
	const folders = [...foldersOf(files)];
	return [
		...folders.flatMap(([folder, inside]) => mlcForm(folder, inside)),
		...folders.flatMap(([folder, inside]) => safetensorsForm(folder, inside)),
		...folders.flatMap(([folder, inside]) => ggufForms(folder, inside)),
	];
}

/**
 * @param place for the message: `owner/name`, or the name of a folder
 * @throws FormatError `model-form-unknown` that says which files there are instead
 */
export function expectForms(files: readonly ListedPath[], place: string): readonly ModelForm[] {
	const forms = modelForms(files);
	if (forms.length > 0) return forms;
	throw new FormatError(`${place} holds no model that can be loaded here: ${foundInstead(files)}.`, {
		code: 'model-form-unknown',
		hint: adviceFor(files),
		context: { place, files: files.length },
	});
}

/**
 * The form that an address asks for, by one of its files or by its quantization; null if it asks for none that is there.
 *
 * @param wanted the file's path, and the quantization in any case: `q4_k_m`
 */
export function wantedForm(
	forms: readonly ModelForm[],
	wanted: { file: string | null; quantization: string | null },
): ModelForm | null {
	const { file } = wanted;
	const quantization = wanted.quantization?.toUpperCase();
	return (
		forms.find(({ paths }) => file !== null && paths.includes(file)) ??
		forms.find((form) => form.kind === 'gguf' && form.quantization === (quantization ?? '')) ??
		null
	);
}

/** The size of each form's files, for a list to choose from: `Q4_K_M · 101 MB`. */
export function formTitle(form: ModelForm): string {
	const name =
		form.kind === 'mlc' ? 'MLC' : form.kind === 'gguf' ? (form.quantization ?? 'GGUF') : 'safetensors';
	return `${form.folder}${name} · ${byteSize(form.bytes)}`;
}

type Folder = ReadonlyMap<string, number>;

/** Sizes by name, by folder; folders near the root come first. */
function foldersOf(files: readonly ListedPath[]): ReadonlyMap<string, Folder> {
	const folders = new Map<string, Map<string, number>>();
	for (const { path, size } of files) {
		const at = path.lastIndexOf('/') + 1;
		const folder = folders.get(path.slice(0, at)) ?? new Map<string, number>();
		folders.set(path.slice(0, at), folder.set(path.slice(at), size));
	}
	const depth = (folder: string): number => folder.split('/').length;
	return new Map([...folders].sort(([a], [b]) => depth(a) - depth(b) || (a < b ? -1 : 1)));
}

function mlcForm(folder: string, inside: Folder): readonly MlcForm[] {
	const tensorCache = MLC_TENSORS.find((name) => inside.has(name));
	if (!inside.has(MLC_CONFIG) || tensorCache === undefined) return [];
	const shards = [...inside.keys()].filter((name) => /^params_shard_\d{1,6}\.bin$/.test(name));
	const names = [MLC_CONFIG, tensorCache, ...companions(inside), ...shards.sort(byNumber)];
	return [{ kind: 'mlc', ...placed(folder, inside, names), tensorCache: folder + tensorCache }];
}

function safetensorsForm(folder: string, inside: Folder): readonly SafetensorsForm[] {
	if (!inside.has(HF_CONFIG)) return [];
	const weights = safetensorsIn(inside);
	if (weights.length === 0) return [];
	const hasIndex = weights.length > 1 && inside.has(INDEX);
	const names = [...companions(inside), ...(hasIndex ? [INDEX] : []), ...weights];
	return [
		{
			kind: 'safetensors',
			...placed(folder, inside, names),
			weights: weights.map((name) => folder + name),
			index: hasIndex ? folder + INDEX : null,
		},
	];
}

/** transformers takes `model.safetensors` if it is there, else the files of the index; a single other file is the model, too. */
function safetensorsIn(inside: Folder): readonly string[] {
	const all = [...inside.keys()].filter((name) => name.endsWith('.safetensors') && !NOT_WEIGHTS.test(name));
	if (all.includes('model.safetensors')) return ['model.safetensors'];
	const sets = splitSets(all);
	const whole = sets.find(({ stem }) => stem === 'model') ?? (sets.length === 1 ? sets[0] : undefined);
	return whole?.names ?? [];
}

function ggufForms(folder: string, inside: Folder): readonly GgufForm[] {
	const all = [...inside.keys()].filter((name) => name.endsWith('.gguf') && !NOT_GGUF_MODEL.test(name));
	return splitSets(all)
		.map(({ stem, names }): GgufForm => ({
			kind: 'gguf',
			...placed(folder, inside, [...companions(inside), ...names]),
			quantization: quantizationOf(stem),
			weights: names.map((name) => folder + name),
		}))
		.sort((a, b) => a.bytes - b.bytes);
}

/** Files that belong together: one file, or all splits of one model. A model with a missing split is left out. */
function splitSets(names: readonly string[]): readonly { stem: string; names: readonly string[] }[] {
	const sets = new Map<string, { stem: string; total: number; names: string[] }>();
	for (const name of names) {
		const [, stem = name.replace(/\.\w{1,11}$/, ''), , count = '1'] = SPLIT.exec(name) ?? [];
		const key = `${stem}/${count}`;
		const set = sets.get(key) ?? { stem, total: Number(count), names: [] };
		set.names.push(name);
		sets.set(key, set);
	}
	return [...sets.values()]
		.filter((set) => set.names.length === set.total)
		.map(({ stem, names: parts }) => ({ stem, names: parts.sort() }));
}

/** The last mark of a quantization in a file's name, upper case; null if there is none. */
export function quantizationOf(name: string): string | null {
	return [...name.slice(-200).matchAll(QUANTIZATION)].at(-1)?.[1]?.toUpperCase() ?? null;
}

const companions = (inside: Folder): string[] => [...COMPANIONS].filter((name) => inside.has(name));

function placed(folder: string, inside: Folder, names: readonly string[]) {
	const unique = [...new Set(names)];
	return {
		folder,
		paths: unique.map((name) => folder + name),
		bytes: unique.reduce((sum, name) => sum + (inside.get(name) ?? 0), 0),
	};
}

const byNumber = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/** Kinds of files by the ends of their names, most frequent first: `2 .bin, 1 .md`. */
function foundInstead(files: readonly ListedPath[]): string {
	if (files.length === 0) return 'it is empty';
	const counts = new Map<string, number>();
	for (const { path } of files) {
		const end = /\.\w{1,11}$/.exec(path)?.[0].toLowerCase() ?? 'others';
		counts.set(end, (counts.get(end) ?? 0) + 1);
	}
	const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5);
	return `it has ${sorted.map(([end, count]) => `${count} ${end}`).join(', ')}`;
}

/** Advice by the files that are there; the first that matches counts. */
const ADVICE: readonly (readonly [pattern: RegExp, hint: string])[] = [
	[
		/(?:^|\/)adapter_(?:config\.json|model\.\w{1,11})$/,
		'It is a LoRA adapter without its model. Load the base model that its adapter_config.json names.',
	],
	[
		/-\d{5}-of-\d{5}\.(?:gguf|safetensors)$/,
		'A part of the weights is missing: all parts from 00001 to the last must be there.',
	],
	[
		/\.(?:gguf)$/,
		'Its GGUF files are no language model, such as a projector of images. Choose the model’s own file.',
	],
	[
		/\.safetensors$/,
		'Beside the safetensors there must be config.json and, for several files, the names that transformers gives them.',
	],
	[
		/\.(?:bin|pt|pth|ckpt)$/,
		'Its weights are PyTorch files, which can run code when they are opened. Look for a version in safetensors or GGUF, or save it with save_pretrained.',
	],
	[/\.(?:onnx|tflite|h5|msgpack|ot|mlmodel)$/, 'Look for a version of this model in safetensors or GGUF.'],
	[/\.(?:parquet|jsonl|csv)$/, 'It looks like a dataset. Import its rows on the Prompts view instead.'],
];

function adviceFor(files: readonly ListedPath[]): string {
	const advice = ADVICE.find(([pattern]) => files.some(({ path }) => pattern.test(path.slice(-300))));
	return (
		advice?.[1] ??
		'A model has config.json and safetensors, a GGUF file, or mlc-chat-config.json and MLC’s shards.'
	);
}
