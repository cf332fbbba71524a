/**
 * Migrates stored runs of earlier forms: one pure step per form. The steps check nothing. A value that a step
 * does not understand stays unchanged; if the run comes from a file, the schema then refuses the value with
 * its path.
 */
import * as v from 'valibot';
import { kernelReportSchema } from '../device/kernels.ts';
import { FormatError } from '../errors.ts';
import { outputId } from '../output/output.ts';
import { objectiveOf } from '../loss/objectives/registry.ts';
import { methodOf } from '../pair/methods/registry.ts';
import { revisionId } from '../revision/revision.ts';
import { RUN_SCHEMA, type RunRecord } from './run.ts';

type Fields = Readonly<Record<string, unknown>>;
/** Step n makes a record of form n + 2 from one of form n + 1. */
const STEPS: readonly ((record: Fields) => Fields)[] = [giveOwnIds];

/**
 * Migrates a record to the current form.
 *
 * @param stored parsed JSON; a value that is no record is returned unchanged
 * @param source name of the file or run, for the message
 * @throws FormatError `run-newer` if a newer version of this page wrote it
 */
export function migrateRun(stored: unknown, source: string): unknown {
	if (!isFields(stored)) return stored;
	const form = stored['schema'];
	if (typeof form !== 'number') return stored;
	if (form > RUN_SCHEMA) throw newerForm(source, form);
	return STEPS.slice(form - 1).reduce((record, step) => step(record), stored);
}

/**
 * Reads a record from this page's store. Its rows are trusted, because this page wrote them, and checking a hundred thousand
 * small objects takes too long.
 *
 * @param text JSON in the form of the version that wrote it
 * @param source the run's name, for the message
 * @throws FormatError `run-newer` · AppError `unknown-method` · `unknown-objective`
 */
export function readStoredRun(text: string, source: string): RunRecord {
	const record = migrateRun(JSON.parse(text), source) as RunRecord;
	methodOf(record.recipe.pairs.method);
	objectiveOf(record.recipe.objective.id);
	return record;
}

export function newerForm(source: string, form: number): FormatError {
	return new FormatError(
		`${source} was written by a newer version: it has form ${form}, and this page reads form ${RUN_SCHEMA}.`,
		{ code: 'run-newer', hint: 'Update this page, then open it again.', context: { form } },
	);
}

/**
 * The current id of a pair of form 1. In form 1 a pair had the id of its prompt: a letter and eight
 * hexadecimal digits of a hash. The nth imported pair of a prompt had `-n` at the end.
 */
export function ownPairId(formOneId: string): string {
	const [, promptId, n] = /^([uw]-[0-9a-f]{8})-(\d+)$/.exec(formOneId) ?? [];
	return promptId === undefined ? `${formOneId}.p1` : `${promptId}.p${n}`;
}

/** To form 2: outputs, revisions and pairs get their own ids, and fields that older versions left out get their defaults. */
function giveOwnIds(record: Fields): Fields {
	const { recipe, device } = record;
	return {
		...record,
		schema: 2,
		recipe: isFields(recipe) ? withChoices(recipe) : recipe,
		heldOutPrompts: record['heldOutPrompts'] ?? [],
		heldOutPairs: each(record['heldOutPairs'] ?? [], withPairId),
		outputs: each(record['outputs'], withOutputId),
		revisions: each(record['revisions'], withRevisionId),
		pairs: each(record['pairs'], withPairId),
		trails: each(record['trails'], (point) => ({ ...point, pairId: ownPairId(String(point['pairId'])) })),
		device: isFields(device) ? withKnownKernels(device) : device,
	};
}

/** In form 1 a prompt had one output. */
function withOutputId(output: Fields): Fields {
	return { id: outputId(promptIdOf(output), 1), ...output };
}

function withRevisionId(revision: Fields): Fields {
	const { output } = revision;
	if (!isFields(output)) return revision;
	return { ...revision, id: revisionId(outputId(promptIdOf(output), 1)), output: withOutputId(output) };
}

function withPairId(pair: Fields): Fields {
	const output = outputId(promptIdOf(pair), 1);
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
	const { training, evaluation } = recipe;
	return {
		...recipe,
		training: withDefault(training, 'activations', 'auto'),
		evaluation: withDefault(evaluation, 'engine', 'compute'),
	};
}

function withDefault(section: unknown, field: string, value: string): unknown {
	return isFields(section) && !(field in section) ? { ...section, [field]: value } : section;
}

/** Drops an unreadable kernel report: form 1 did not check the report, whose form has changed since. */
function withKnownKernels(device: Fields): Fields {
	const { kernels, ...rest } = device;
	return v.is(kernelReportSchema, kernels) ? device : rest;
}

function promptIdOf({ prompt }: Fields): string {
	return isFields(prompt) ? String(prompt['id']) : '';
}

function each(list: unknown, change: (item: Fields) => Fields): unknown {
	if (!Array.isArray(list)) return list;
	return list.map((item: unknown) => (isFields(item) ? change(item) : item));
}

function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
