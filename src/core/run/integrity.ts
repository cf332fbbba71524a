/**
 * The rules between the rows of a run that no schema of one row can see: ids, references and order. An id that occurs twice is a fault,
 * because nothing says which row is meant; rows in another order and references to nothing are mended.
 */
import { isMethodName, isRecord } from '../format/record.ts';
import type { RunRecord } from './run.ts';

export interface Mended {
	record: RunRecord;
	/** A sentence for each kind of change, with the first place. */
	notes: readonly string[];
}

type Place = readonly [path: string, id: string];

/** The first fault of a record, as "path is …"; null if there is none. */
export function idFault(record: RunRecord): string | null {
	const unsafe = allIds(record).find(([, id]) => id === '' || isMethodName(id));
	if (unsafe !== undefined) return `${unsafe[0]} is ${JSON.stringify(unsafe[1])}, which is no id`;
	for (const list of ['outputs', 'answers', 'revisions', 'judgements', 'pairs', 'heldOutPairs'] as const) {
		const twice = firstTwice((record[list] ?? []).map(({ id }) => id));
		if (twice !== null) return `${list}.${twice.second}.id repeats the id of ${list}.${twice.first}`;
	}
	for (const list of ['prompts', 'heldOutPrompts'] as const) {
		const texts = new Map<string, string>();
		for (const [i, { id, text }] of record[list].entries()) {
			if ((texts.get(id) ?? text) !== text) return `${list}.${i}.id belongs to another prompt before it`;
			texts.set(id, text);
		}
	}
	return null;
}

function allIds(record: RunRecord): readonly Place[] {
	const places: Place[] = [['id', record.id]];
	for (const list of [
		'prompts',
		'heldOutPrompts',
		'outputs',
		'answers',
		'revisions',
		'judgements',
		'pairs',
		'heldOutPairs',
	] as const) {
		for (const [i, row] of (record[list] ?? []).entries()) {
			places.push([`${list}.${i}.id`, row.id]);
			if ('prompt' in row) places.push([`${list}.${i}.prompt.id`, row.prompt.id]);
			if ('output' in row && isRecord(row.output)) places.push([`${list}.${i}.output.id`, row.output.id]);
		}
	}
	for (const [i, { pairId }] of record.trails.entries()) places.push([`trails.${i}.pairId`, pairId]);
	return places;
}

function firstTwice(ids: readonly string[]): { first: number; second: number } | null {
	const seen = new Map<string, number>();
	for (const [second, id] of ids.entries()) {
		const first = seen.get(id);
		if (first !== undefined) return { first, second };
		seen.set(id, second);
	}
	return null;
}

/** Mends references and order. Call it after {@link idFault} found none. */
export function mendRun(record: RunRecord): Mended {
	const notes: string[] = [];
	const note = (places: readonly string[], what: string): void => {
		const [first] = places;
		if (first !== undefined)
			notes.push(`${what} (${places.length === 1 ? first : `${first} and ${places.length - 1} more`}).`);
	};
	const outputIds = new Set(record.outputs.map(({ id }) => id));
	const revisions = record.revisions.filter(({ output }) => outputIds.has(output.id));
	note(
		placesOf('revisions', record.revisions, revisions),
		'Revisions of outputs that the file lacks are left out',
	);
	const known = {
		output: outputIds,
		revision: new Set(revisions.map(({ id }) => id)),
		answer: new Set(record.answers?.map(({ id }) => id)),
	};
	const judgements = record.judgements?.filter(({ first, second }) =>
		[first, second].every(({ kind, id }) => known[kind].has(id)),
	);
	note(
		placesOf('judgements', record.judgements ?? [], judgements ?? []),
		'Judgements of answers that the file lacks are left out',
	);
	const isDangling = ({ from }: RunRecord['pairs'][number]): boolean =>
		from !== null && !bothSides(from).every(({ kind, id }) => known[kind].has(id));
	note(
		record.pairs.flatMap((pair, i) => (isDangling(pair) ? [`pairs.${i}.from`] : [])),
		'Pairs name rows that the file lacks; their sources are unknown',
	);
	const pairs = record.pairs.map((pair) => (isDangling(pair) ? { ...pair, from: null } : pair));
	const pairIds = new Set([...pairs, ...record.heldOutPairs].map(({ id }) => id));
	const trails = record.trails.filter(({ pairId }) => pairIds.has(pairId));
	note(placesOf('trails', record.trails, trails), 'Rewards of pairs that the file lacks are left out');
	const metrics = inOrder(record.metrics);
	note(
		placesOutOfOrder('metrics', record.metrics),
		'Steps out of order are sorted; of a repeated step the last counts',
	);
	const heldOut = lastOfEach(record.heldOut, ({ mode, step }) => `${mode} ${step}`);
	note(placesOf('heldOut', record.heldOut, heldOut), 'Of a repeated held-out result the last counts');
	const sideEffects = mendSideEffects(record, note);
	if (notes.length === 0) return { record, notes };
	const judged = judgements === undefined ? {} : { judgements };
	return {
		record: { ...record, revisions, ...judged, pairs, trails, metrics, heldOut, ...sideEffects },
		notes,
	};
}

/** The optional results beside the held-out ones; a field that the record lacks stays absent. */
function mendSideEffects(
	{ untouched, panel }: RunRecord,
	note: (places: readonly string[], what: string) => void,
): Pick<RunRecord, 'untouched' | 'panel'> {
	const mended = <Row extends { step: number }>(list: string, rows: readonly Row[]): readonly Row[] => {
		const kept = lastOfEach(rows, ({ step }) => step);
		note(placesOf(list, rows, kept), `Of a repeated ${list} result the last counts`);
		return kept;
	};
	return {
		...(untouched === undefined ? {} : { untouched: mended('untouched', untouched) }),
		...(panel === undefined ? {} : { panel: mended('panel', panel) }),
	};
}

const bothSides = <Side>({ chosen, rejected }: { chosen: Side; rejected: Side }): readonly Side[] => [
	chosen,
	rejected,
];

/** Places of the rows that are not kept. */
function placesOf<Row>(list: string, all: readonly Row[], kept: readonly Row[]): readonly string[] {
	const rows = new Set(kept);
	return all.flatMap((row, i) => (rows.has(row) ? [] : [`${list}.${i}`]));
}

function placesOutOfOrder(list: string, rows: readonly { step: number }[]): readonly string[] {
	return rows.flatMap(({ step }, i) => (step > (rows[i - 1]?.step ?? -1) ? [] : [`${list}.${i}.step`]));
}

function inOrder<Row extends { step: number }>(rows: readonly Row[]): readonly Row[] {
	return lastOfEach(rows, ({ step }) => step).toSorted((a, b) => a.step - b.step);
}

function lastOfEach<Row>(rows: readonly Row[], keyOf: (row: Row) => unknown): readonly Row[] {
	return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
