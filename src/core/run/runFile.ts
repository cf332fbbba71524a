/**
 * A whole run as one file, for another machine or to open here again: gzip over JSON, with every row's
 * provenance, the recipe, the metrics, and the last adapter in PEFT's form. A run never has a key.
 */
import * as v from 'valibot';
import type { Adapter } from '../adapter/adapter.ts';
import { readPeftAdapter, writePeftAdapter } from '../adapter/peft.ts';
import { asAppError, FormatError } from '../errors.ts';
import { fromBase64, toBase64 } from '../format/base64.ts';
import { compress, decompress } from '../format/compress.ts';
import { isGzip } from '../format/fileSignature.ts';
import { firstNotFinite, limitJson } from '../format/jsonLimits.ts';
import { count } from '../format/schema.ts';
import { decodeUtf8 } from '../format/decode.ts';
import { withoutSecrets } from '../recipe/link.ts';
import type { PeftConfig } from '../adapter/peftConfig.ts';
import { TARGET_MODULES } from '../recipe/recipe.ts';
import { kindOfBytes, kindOfJson, kindOfText, type OtherFile } from './otherFile.ts';
import { idFault, mendRun } from './integrity.ts';
import { migrateRun, newerForm } from './migrations.ts';
import { cleanName } from '../text/name.ts';
import { RUN_SCHEMA, type RunRecord, runRecordSchema } from './run.ts';

export const RUN_FILE_ENDING = '.run.json.gz';
const FORM = 'anchorage-run';
/**
 * Bytes of a file, and of the JSON in it; how much larger the JSON may be if it is not small; nesting and values of the JSON. A run of
 * the default recipe has about 0.5 and 4 MB, a ratio of 10, and 200,000 values; a system prompt that every row repeats can give a ratio of 100.
 */
export const RUN_FILE_LIMITS = {
	packed: 70e6,
	bytes: 256 * 1024 * 1024,
	ratio: 250,
	small: 16 * 1024 * 1024,
	depth: 32,
	values: 10_000_000,
} as const;

/** A run with the adapters in its file. */
export interface RunFile {
	record: RunRecord;
	adapters: readonly Adapter[];
	/** The adapter that the run begins from, for the plain base; absent if it begins from the base model. */
	parent?: Adapter;
}

/** A run that was read from a file. */
export interface ReadRun extends RunFile {
	/** A sentence for each kind of mended fault. */
	mended: readonly string[];
}

/** `edition`, `origin`, `source` and `grid` belong to the store that wrote them; those of a file are ignored. */
const recordSchema = v.omit(runRecordSchema, ['edition', 'origin', 'source', 'grid']);

/** An adapter in PEFT's own form, the weights as base64 of `adapter_model.safetensors`. */
const adapterSchema = v.object({
	step: count,
	config: v.looseObject({ r: v.number(), target_modules: v.array(v.picklist(TARGET_MODULES)) }),
	weights: v.string(),
});

type PackedAdapter = v.InferOutput<typeof adapterSchema>;

const envelopeSchema = v.object({
	form: v.literal(FORM),
	/** The form of the record. */
	version: v.number(),
	record: v.unknown(),
	adapters: v.array(adapterSchema),
	/** Absent if the run begins from the base model. */
	parent: v.exactOptional(adapterSchema),
});

/** @throws FormatError `run-too-large` if this page could not open the file again */
export async function writeRunFile({ record, adapters, parent }: RunFile): Promise<Uint8Array<ArrayBuffer>> {
	const json = {
		form: FORM,
		version: RUN_SCHEMA,
		record: {
			...record,
			// The opening store sets the origin, and has not written the run yet.
			origin: undefined,
			source: undefined,
			grid: undefined,
			edition: undefined,
			// An export of its own has them.
			sent: undefined,
			recipe: withoutSecrets(record.recipe),
			checkpoints: adapters.map(({ step }) => step),
		},
		adapters: adapters.map(packed),
		...(parent === undefined ? {} : { parent: packed(parent) }),
	};
	const text = utf8Of(json, record.name);
	const file = await compress(text, 'gzip');
	if (text.length > RUN_FILE_LIMITS.bytes || file.length > RUN_FILE_LIMITS.packed)
		throw runTooLarge(record.name, text.length);
	return file;
}

function packed(adapter: Adapter): { step: number; config: PeftConfig; weights: string } {
	const { weights, config } = writePeftAdapter(adapter);
	return { step: adapter.step, config, weights: toBase64(weights) };
}

function utf8Of(value: unknown, name: string): Uint8Array<ArrayBuffer> {
	try {
		return new TextEncoder().encode(JSON.stringify(value));
	} catch {
		// A text has at most half a gigabyte in most browsers.
		throw runTooLarge(name, null);
	}
}

function runTooLarge(name: string, bytes: number | null): FormatError {
	const most = RUN_FILE_LIMITS.bytes / 1024 / 1024;
	return new FormatError(`${name} is too large for one file: it may have ${most} MB before it is packed.`, {
		code: 'run-too-large',
		hint: 'Export its pairs, its adapter and its curves instead; together they are most of the run.',
		context: { bytes },
	});
}

/**
 * @param bytes  packed, or the JSON itself
 * @param source the file's name, for the message
 * @throws FormatError naming the kind of the file or the first wrong field · `run-newer`
 */
export async function readRunFile(bytes: Uint8Array<ArrayBuffer>, source: string): Promise<ReadRun> {
	const { record, adapters, parent } = await readEnvelope(bytes, source);
	const parsed = v.safeParse(recordSchema, migrateRun(record, source));
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw notARun(source, `${v.getDotPath(issue) ?? 'the record'} is not usable (${issue.message})`);
	}
	const fault = idFault(parsed.output);
	if (fault !== null) throw notARun(source, fault);
	const { record: whole, notes } = mendRun(parsed.output);
	const read = adapters.map((adapter) => adapterOf(adapter, source));
	if (whole.recipe.begin !== undefined && parent === undefined)
		throw notARun(source, 'it lacks the adapter that the run begins from');
	return {
		record: { ...whole, name: cleanName(whole.name) || 'Run', checkpoints: stepsOf(read, source) },
		adapters: read,
		...(parent === undefined ? {} : { parent: adapterOf(parent, source) }),
		mended: notes,
	};
}

/** An adapter's own messages name its two files, which are inside this one. */
function adapterOf({ step, config, weights }: PackedAdapter, source: string): Adapter {
	const name = `The adapter of step ${step} in ${source}`;
	const bytes = fromBase64(weights, name);
	try {
		return readPeftAdapter(bytes, config, `step-${step}`, step);
	} catch (cause) {
		const { message, code } = asAppError(cause);
		throw new FormatError(`${name} cannot be read: ${message}`, {
			code,
			hint: 'Export the run with another checkpoint.',
			cause,
		});
	}
}

function stepsOf(adapters: readonly Adapter[], source: string): readonly number[] {
	const steps = adapters.map(({ step }) => step);
	if (new Set(steps).size < steps.length) throw notARun(source, 'it has two adapters of one step');
	return steps.toSorted((a, b) => a - b);
}

async function readEnvelope(bytes: Uint8Array<ArrayBuffer>, source: string) {
	const json = readJson(await unpack(bytes, source), source);
	const parsed = v.safeParse(envelopeSchema, json);
	if (!parsed.success) throw ofAnotherKind(source, kindOfEnvelope(json, parsed.issues[0]));
	if (parsed.output.version > RUN_SCHEMA) throw newerForm(source, parsed.output.version);
	return parsed.output;
}

/** A file of the right form with a wrong field is a damaged run, not another kind of file. */
function kindOfEnvelope(json: unknown, issue: v.BaseIssue<unknown>): OtherFile {
	const isRun = v.is(v.object({ form: v.literal(FORM) }), json);
	const place = v.getDotPath(issue) ?? 'its outermost part';
	return isRun
		? { is: `a damaged run, because ${place} is not usable`, hint: 'Export the run again.' }
		: kindOfJson(json);
}

/** The JSON's bytes. Browsers and mail programs sometimes pack a packed file again. */
async function unpack(bytes: Uint8Array<ArrayBuffer>, source: string): Promise<Uint8Array<ArrayBuffer>> {
	const { packed, bytes: most, ratio, small } = RUN_FILE_LIMITS;
	if (bytes.length === 0)
		throw ofAnotherKind(source, { is: 'an empty file', hint: 'Download or export it again.' });
	if (bytes.length > packed) throw notARun(source, `it has more than ${packed / 1024 / 1024} MB`);
	const limit = Math.min(most, Math.max(small, ratio * bytes.length));
	let text = bytes;
	for (let layers = 0; layers < 2 && isGzip(text); layers++)
		text = await decompress(text, 'gzip', { limit, source });
	const kind = kindOfBytes(text);
	if (kind !== null) throw ofAnotherKind(source, kind);
	return text;
}

/** @throws FormatError if the text is no JSON, is too large, or has a number that is not finite */
function readJson(bytes: Uint8Array, source: string): unknown {
	const text = decodeUtf8(bytes, source);
	limitJson(bytes, RUN_FILE_LIMITS, source);
	const json = parsedOr(text, source);
	const place = firstNotFinite(json);
	if (place !== null) throw notARun(source, `${place} is not a finite number`);
	return json;
}

function parsedOr(text: string, source: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw ofAnotherKind(source, kindOfText(text));
	}
}

function ofAnotherKind(source: string, { is, hint }: OtherFile): FormatError {
	return new FormatError(`${source} cannot be opened as a run: it is ${is}.`, {
		code: 'run-file-invalid',
		hint,
		context: { source },
	});
}

function notARun(source: string, why: string): FormatError {
	return new FormatError(`${source} cannot be opened as a run: ${why}.`, {
		code: 'run-file-invalid',
		hint: `Choose a file that was exported as a run; its name ends in ${RUN_FILE_ENDING}.`,
		context: { source },
	});
}
