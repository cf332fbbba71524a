/**
 * A checkpoint as one file in the safetensors form: an adapter, and the trainer's state if there is one. Small facts are JSON in
 * the header's metadata, the numbers are tensors. A checksum covers both; files of older versions have none.
 */
import * as v from 'valibot';
import type { Adapter } from '#core/adapter/adapter.ts';
import { FormatError } from '#core/errors.ts';
import {
	type NamedTensor,
	readSafetensors,
	type SafetensorsFile,
	writeSafetensors,
} from '#core/format/safetensors.ts';
import type { TrainerState } from '#core/ports.ts';
import { count } from '#core/format/schema.ts';
import { visible } from '#core/format/visible.ts';
import { firstNotFinite } from '#core/math/finite.ts';
import { xxHash32 } from '#core/format/xxhash32.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { newerForm, ownPairId } from '#core/run/migrations.ts';
import { RUN_SCHEMA } from '#core/run/run.ts';

export interface Checkpoint {
	adapter: Adapter;
	state: TrainerState | null;
}

/**
 * The number is the form of the run's record, because a trainer's state names pairs by their ids in that
 * form.
 */
const FORM = /^anchorage-checkpoint-(\d+)$/;

const positive = v.pipe(count, v.minValue(1));
const finite = v.pipe(v.number(), v.finite());

const adapterSchema = v.object({
	id: v.string(),
	step: count,
	config: v.object({
		rank: positive,
		alpha: v.pipe(finite, v.gtValue(0)),
		targetModules: v.array(v.picklist(TARGET_MODULES)),
	}),
	matrices: v.array(
		v.object({
			layer: count,
			module: v.picklist(TARGET_MODULES),
			inFeatures: positive,
			outFeatures: positive,
		}),
	),
});

const stateSchema = v.object({
	step: count,
	numTokens: count,
	samplerSeed: finite,
	referenceLogps: v.record(v.string(), v.union([v.tuple([finite, finite]), v.tuple([finite])])),
});

/** The header's metadata. */
const FACTS: ReadonlySet<string> = new Set(['form', 'adapter', 'state', 'checksum']);
const LISTS = ['params', 'm', 'v'] as const;

export function encodeCheckpoint({ adapter, state }: Checkpoint): Uint8Array<ArrayBuffer> {
	const { rank } = adapter.config;
	const tensors: NamedTensor[] = [];
	for (const [i, { loraA, loraB, inFeatures, outFeatures }] of adapter.matrices.entries()) {
		tensors.push({ name: `adapter.${i}.A`, shape: [rank, inFeatures], data: loraA });
		tensors.push({ name: `adapter.${i}.B`, shape: [outFeatures, rank], data: loraB });
	}
	const facts = {
		...adapter,
		matrices: adapter.matrices.map(({ layer, module, inFeatures, outFeatures }) => ({
			layer,
			module,
			inFeatures,
			outFeatures,
		})),
	};
	const metadata: Record<string, string> = {
		form: `anchorage-checkpoint-${RUN_SCHEMA}`,
		adapter: JSON.stringify(facts),
	};
	if (state !== null) {
		for (const list of LISTS)
			tensors.push({ name: `state.${list}`, shape: [state[list].length], data: state[list] });
		const { step, numTokens, samplerSeed, referenceLogps } = state;
		metadata['state'] = JSON.stringify({ step, numTokens, samplerSeed, referenceLogps });
	}
	return writeSafetensors(tensors, { ...metadata, checksum: checksumOf(metadata, tensors) });
}

/** Of all metadata but the checksum itself, and of every tensor with its name, in the order of names. */
function checksumOf(metadata: Readonly<Record<string, string>>, tensors: readonly NamedTensor[]): string {
	const utf8 = new TextEncoder();
	let sum = 0;
	for (const key of ['form', 'adapter', 'state']) sum = xxHash32(utf8.encode(metadata[key] ?? ''), sum);
	for (const { name, data } of tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
		sum = xxHash32(utf8.encode(name), sum);
		sum = xxHash32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), sum);
	}
	return `xxh32:${sum.toString(16).padStart(8, '0')}`;
}

/** A checkpoint's file and its name in messages. */
interface Named {
	source: string;
	file: SafetensorsFile;
}

/** Files of versions before the checksum have none; damage to its name must not make a file look like one of them. */
function verifyChecksum({ source, file: { metadata, tensors } }: Named): void {
	const unknown = Object.keys(metadata).find((key) => !FACTS.has(key));
	if (unknown !== undefined)
		throw broken(source, `its header has “${visible(unknown)}”, which no version writes`);
	const { checksum } = metadata;
	if (checksum === undefined) return;
	const list = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
	if (checksumOf(metadata, list) !== checksum) throw broken(source, 'its bytes changed after it was written');
}

/** @throws FormatError if the tensor is missing, has another shape, or holds a number that is not finite */
function tensor({ source, file }: Named, name: string, shape?: readonly number[]): Float32Array<ArrayBuffer> {
	const found = file.tensors.get(name);
	if (found === undefined) throw broken(source, `it lacks "${name}"`);
	if (shape !== undefined && found.shape.join() !== shape.join())
		throw broken(
			source,
			`"${name}" has the shape [${found.shape.join(', ')}] instead of [${shape.join(', ')}]`,
		);
	const bad = firstNotFinite(found.data);
	if (bad >= 0) throw broken(source, `number ${bad} of "${name}" is ${found.data[bad]}`);
	return found.data;
}

function broken(source: string, why: string, cause?: unknown): FormatError {
	return new FormatError(`${source} cannot be read: ${why}.`, {
		code: 'checkpoint-invalid',
		hint: 'Resume from an earlier checkpoint, or train again.',
		...(cause === undefined ? {} : { cause }),
	});
}

function facts<Schema extends v.GenericSchema>(
	source: string,
	schema: Schema,
	text: string | undefined,
): v.InferOutput<Schema> {
	try {
		return v.parse(schema, JSON.parse(text ?? 'null'));
	} catch (cause) {
		throw broken(source, 'its header is not in the expected form', cause);
	}
}

/** Before form 2, pairs had no ids of their own. */
function stateFacts(source: string, text: string, form: number): v.InferOutput<typeof stateSchema> {
	const state = facts(source, stateSchema, text);
	if (form >= 2) return state;
	const logps = Object.entries(state.referenceLogps).map(([id, pair]) => [ownPairId(id), pair] as const);
	return { ...state, referenceLogps: Object.fromEntries(logps) };
}

/** @throws FormatError if the file is damaged, cut off, or of another form · `run-newer` */
export function decodeCheckpoint(bytes: Uint8Array, source = 'The checkpoint'): Checkpoint {
	const file = readSafetensors(bytes, source);
	const form = Number(FORM.exec(file.metadata['form'] ?? '')?.[1]);
	if (Number.isNaN(form)) throw broken(source, 'it is of another form');
	if (form > RUN_SCHEMA) throw newerForm(source, form);
	const named = { source, file };
	const about = facts(source, adapterSchema, file.metadata['adapter']);
	const { rank } = about.config;
	const adapter: Adapter = {
		...about,
		matrices: about.matrices.map((matrix, i) => ({
			...matrix,
			loraA: tensor(named, `adapter.${i}.A`, [rank, matrix.inFeatures]),
			loraB: tensor(named, `adapter.${i}.B`, [matrix.outFeatures, rank]),
		})),
	};
	const stateText = file.metadata['state'];
	const state =
		stateText === undefined ? null : readState(named, stateFacts(source, stateText, form), adapter);
	// Last, because the other checks name the fault.
	verifyChecksum(named);
	return { adapter, state };
}

/** The lists are the trainer's own: as long as the adapter's matrices together, or longer by the gaps between them. */
function readState(named: Named, about: v.InferOutput<typeof stateSchema>, adapter: Adapter): TrainerState {
	const { source } = named;
	if (about.step !== adapter.step)
		throw broken(source, `its state is of step ${about.step} and its adapter of step ${adapter.step}`);
	const params = tensor(named, 'state.params');
	const needed = adapter.matrices.reduce((sum, { loraA, loraB }) => sum + loraA.length + loraB.length, 0);
	if (params.length < needed)
		throw broken(source, `its state has ${params.length} numbers and its adapter ${needed}`);
	const [m, second] = (['state.m', 'state.v'] as const).map((name) => tensor(named, name, [params.length]));
	if (m === undefined || second === undefined) throw broken(source, 'its state is incomplete');
	return { ...about, params, m, v: second };
}
