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
import { count } from '../format/schema.ts';
import { decodeUtf8 } from '../format/text.ts';
import { withoutSecrets } from '../recipe/link.ts';
import { TARGET_MODULES } from '../recipe/recipe.ts';
import { migrateRun, newerForm } from './migrations.ts';
import { RUN_SCHEMA, type RunRecord, runRecordSchema } from './run.ts';

export const RUN_FILE_ENDING = '.run.json.gz';
const FORM = 'anchorage-run';
/** Bytes of a file, and of the JSON in it. A run of the default recipe has about 0.5 and 4 MB. */
export const RUN_FILE_LIMITS = { packed: 64 * 1024 * 1024, bytes: 256 * 1024 * 1024 } as const;

/** A run with the adapters in its file. */
export interface RunFile {
	record: RunRecord;
	adapters: readonly Adapter[];
}

/** `edition` and `origin` belong to the store that wrote them; those of a file are ignored. */
const recordSchema = v.omit(runRecordSchema, ['edition', 'origin']);

/** An adapter in PEFT's own form, the weights as base64 of `adapter_model.safetensors`. */
const adapterSchema = v.object({
	step: count,
	config: v.looseObject({ r: v.number(), target_modules: v.array(v.picklist(TARGET_MODULES)) }),
	weights: v.string(),
});

const envelopeSchema = v.object({
	form: v.literal(FORM),
	/** The form of the record. */
	version: v.number(),
	record: v.unknown(),
	adapters: v.array(adapterSchema),
});

export async function writeRunFile({ record, adapters }: RunFile): Promise<Uint8Array<ArrayBuffer>> {
	const json = {
		form: FORM,
		version: RUN_SCHEMA,
		record: {
			...record,
			// The opening store sets the origin, and has not written the run yet.
			origin: undefined,
			edition: undefined,
			recipe: withoutSecrets(record.recipe),
			checkpoints: adapters.map(({ step }) => step),
		},
		adapters: adapters.map((adapter) => {
			const { weights, config } = writePeftAdapter(adapter);
			return { step: adapter.step, config, weights: toBase64(weights) };
		}),
	};
	return compress(new TextEncoder().encode(JSON.stringify(json)), 'gzip');
}

/**
 * @param bytes  packed, or the JSON itself
 * @param source the file's name, for the message
 * @throws FormatError naming the first wrong field · `run-newer`
 */
export async function readRunFile(bytes: Uint8Array<ArrayBuffer>, source: string): Promise<RunFile> {
	const { record, adapters } = await readEnvelope(bytes, source);
	const parsed = v.safeParse(recordSchema, migrateRun(record, source));
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw notARun(source, `${v.getDotPath(issue) ?? 'the record'} is not usable (${issue.message})`);
	}
	return {
		record: { ...parsed.output, checkpoints: adapters.map(({ step }) => step) },
		adapters: adapters.map(({ step, config, weights }) =>
			readPeftAdapter(fromBase64(weights, `The adapter in ${source}`), config, `step-${step}`, step),
		),
	};
}

async function readEnvelope(bytes: Uint8Array<ArrayBuffer>, source: string) {
	if (bytes.length > RUN_FILE_LIMITS.packed) throw notARun(source, 'it is too large');
	const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
	const text = packed ? await decompress(bytes, 'gzip', { limit: RUN_FILE_LIMITS.bytes, source }) : bytes;
	const parsed = v.safeParse(envelopeSchema, readJson(decodeUtf8(text, source), source));
	if (!parsed.success) throw notARun(source, 'it does not start like a run file');
	if (parsed.output.version > RUN_SCHEMA) throw newerForm(source, parsed.output.version);
	return parsed.output;
}

function readJson(text: string, source: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw notARun(source, asAppError(cause).message);
	}
}

function notARun(source: string, why: string): FormatError {
	return new FormatError(`${source} cannot be opened as a run: ${why}.`, {
		code: 'run-file-invalid',
		hint: `Choose a file that was exported as a run; its name ends in ${RUN_FILE_ENDING}.`,
		context: { source },
	});
}
