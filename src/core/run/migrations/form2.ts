/**
 * The step from form 1 to form 2. It is frozen: ids and the kernel report are those of form 2, also if a later
 * form changes them, so it calls no function and no schema of the current form.
 */
import * as v from 'valibot';
import { type Fields, isRecord } from '../../format/record.ts';
import { each } from './fields.ts';

/** The kernel report as form 2 had it. */
const exactVariants = v.picklist(['registers', 'shared32', 'shared64', 'shared128']);
const size = v.pipe(v.number(), v.integer(), v.minValue(0));
const kernelReportSchema = v.object({
	settings: v.object({
		programs: v.picklist(['auto', 'registers', 'shared32', 'shared64', 'shared128']),
		weights: v.picklist(['f32', 'f16']),
		arithmetic: v.picklist(['f32', 'f16']),
	}),
	allowed: v.array(exactVariants),
	halves: v.boolean(),
	source: v.picklist(['measured', 'known', 'pending']),
	choices: v.array(
		v.object({
			product: v.picklist(['linear', 'linearDx', 'head', 'dlogits', 'headGrad']),
			rows: v.picklist(['few', 'many']),
			outputs: size,
			inputs: size,
			variant: v.picklist(['registers', 'shared32', 'shared64', 'shared128', 'half32', 'half64', 'half128']),
			faster: v.nullable(v.number()),
		}),
	),
});

/** To form 2: outputs, revisions and pairs get their own ids, and fields that older versions left out get their defaults. */
export function toForm2(record: Fields): Fields {
	const { recipe, device } = record;
	return {
		...record,
		schema: 2,
		recipe: isRecord(recipe) ? withChoices(recipe) : recipe,
		heldOutPrompts: record['heldOutPrompts'] ?? [],
		heldOutPairs: each(record['heldOutPairs'] ?? [], withPairId),
		outputs: each(record['outputs'], withOutputId),
		revisions: each(record['revisions'], withRevisionId),
		pairs: each(record['pairs'], withPairId),
		trails: each(record['trails'], (point) => ({ ...point, pairId: ownPairId(String(point['pairId'])) })),
		device: isRecord(device) ? withKnownKernels(device) : device,
	};
}

/** In form 1 a prompt had one output. */
function withOutputId(output: Fields): Fields {
	return { id: firstOutputId(output), ...output };
}

function withRevisionId(revision: Fields): Fields {
	const { output } = revision;
	if (!isRecord(output)) return revision;
	return { ...revision, id: revisionId(firstOutputId(output)), output: withOutputId(output) };
}

function withPairId(pair: Fields): Fields {
	const output = firstOutputId(pair);
	const from = {
		chosen: { kind: 'revision', id: revisionId(output) },
		rejected: { kind: 'output', id: output },
	};
	const { edited, ...rest } = pair;
	return {
		...rest,
		id: ownPairId(String(pair['id'])),
		from: pair['method'] === 'clair' ? from : null,
		edited,
	};
}

/** Recipes of some older versions lack these choices, because there was only one option. */
function withChoices(recipe: Fields): Fields {
	const { prompts, training, evaluation } = recipe;
	return {
		...recipe,
		prompts: withDefault(prompts, 'world', 'tiny'),
		training: withDefault(training, 'activations', 'auto'),
		evaluation: withDefault(evaluation, 'engine', 'compute'),
	};
}

function withDefault(section: unknown, field: string, value: string): unknown {
	return isRecord(section) && !(field in section) ? { ...section, [field]: value } : section;
}

/** Drops an unreadable kernel report: form 1 did not check the report, whose form had changed before form 2. */
function withKnownKernels(device: Fields): Fields {
	const { kernels, ...rest } = device;
	return v.is(kernelReportSchema, kernels) ? device : rest;
}

/** The id in form 2 of the only output of this row's prompt. */
function firstOutputId({ prompt }: Fields): string {
	return `${isRecord(prompt) ? String(prompt['id']) : ''}.o1`;
}

/** The id in form 2 of an output's revision. */
function revisionId(outputId: string): string {
	return `${outputId}.r1`;
}

/**
 * The current id of a pair of form 1. In form 1 a pair had the id of its prompt: a letter and eight
 * hexadecimal digits of a hash. The nth imported pair of a prompt had `-n` at the end.
 */
export function ownPairId(formOneId: string): string {
	const [, promptId, n] = /^([uw]-[0-9a-f]{8})-(\d+)$/.exec(formOneId) ?? [];
	return promptId === undefined ? `${formOneId}.p1` : `${promptId}.p${n}`;
}
