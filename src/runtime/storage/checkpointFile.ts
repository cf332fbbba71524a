/**
 * A checkpoint as one file in the safetensors form: an adapter, and the trainer's state if there is one. Small facts are JSON in
 * the header's metadata, the numbers are tensors.
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

const adapterSchema = v.object({
	id: v.string(),
	step: v.number(),
	config: v.object({
		rank: v.number(),
		alpha: v.number(),
		targetModules: v.array(v.picklist(TARGET_MODULES)),
	}),
	matrices: v.array(
		v.object({
			layer: v.number(),
			module: v.picklist(TARGET_MODULES),
			inFeatures: v.number(),
			outFeatures: v.number(),
		}),
	),
});

const stateSchema = v.object({
	step: v.number(),
	numTokens: v.number(),
	samplerSeed: v.number(),
	referenceLogps: v.record(v.string(), v.union([v.tuple([v.number(), v.number()]), v.tuple([v.number()])])),
});

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
	return writeSafetensors(tensors, metadata);
}

function tensor(file: SafetensorsFile, name: string): Float32Array<ArrayBuffer> {
	const found = file.tensors.get(name);
	if (found === undefined) throw broken(`it lacks "${name}"`);
	return found.data;
}

function broken(why: string, cause?: unknown): FormatError {
	return new FormatError(`The checkpoint cannot be read: ${why}.`, {
		code: 'checkpoint-invalid',
		hint: 'Resume from an earlier checkpoint, or train again.',
		...(cause === undefined ? {} : { cause }),
	});
}

function facts<Schema extends v.GenericSchema>(
	schema: Schema,
	text: string | undefined,
): v.InferOutput<Schema> {
	try {
		return v.parse(schema, JSON.parse(text ?? 'null'));
	} catch (cause) {
		throw broken('its header is not in the expected form', cause);
	}
}

/** Before form 2, pairs had no ids of their own. */
function stateFacts(text: string, form: number): v.InferOutput<typeof stateSchema> {
	const state = facts(stateSchema, text);
	if (form >= 2) return state;
	const logps = Object.entries(state.referenceLogps).map(([id, pair]) => [ownPairId(id), pair] as const);
	return { ...state, referenceLogps: Object.fromEntries(logps) };
}

/** @throws FormatError if the file is damaged, cut off, or of another form · `run-newer` */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
	const file = readSafetensors(bytes, 'The checkpoint');
	const form = Number(FORM.exec(file.metadata['form'] ?? '')?.[1]);
	if (Number.isNaN(form)) throw broken('it is of another form');
	if (form > RUN_SCHEMA) throw newerForm('The checkpoint', form);
	const about = facts(adapterSchema, file.metadata['adapter']);
	const adapter: Adapter = {
		...about,
		matrices: about.matrices.map((matrix, i) => ({
			...matrix,
			loraA: tensor(file, `adapter.${i}.A`),
			loraB: tensor(file, `adapter.${i}.B`),
		})),
	};
	const stateText = file.metadata['state'];
	if (stateText === undefined) return { adapter, state: null };
	const [params, m, second] = LISTS.map((list) => tensor(file, `state.${list}`));
	if (params === undefined || m === undefined || second === undefined)
		throw broken('its state is incomplete');
	return { adapter, state: { ...stateFacts(stateText, form), params, m, v: second } };
}
