/**
 * Migrates stored runs of earlier forms: one pure step per form, each in its own file of `migrations/`. The
 * steps check nothing. A value that a step does not understand stays unchanged; if the run comes from a file,
 * the schema then refuses the value with its path.
 */
import { FormatError } from '../errors.ts';
import { objectiveOf } from '../loss/objectives/registry.ts';
import { methodOf } from '../pair/methods/registry.ts';
import { isFields, type Fields } from './migrations/fields.ts';
import { toForm2 } from './migrations/form2.ts';
import { RUN_SCHEMA, type RunRecord } from './run.ts';

export { ownPairId } from './migrations/form2.ts';

/** Step n makes a record of form n + 2 from one of form n + 1. */
const STEPS: readonly ((record: Fields) => Fields)[] = [toForm2];

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
