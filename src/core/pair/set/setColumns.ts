/**
 * Reads the columns that a set's file has beside TRL's; setFile.ts writes them. A column that is missing or not usable is ignored:
 * the row is a pair without it.
 */
import * as v from 'valibot';
import { isRecord } from '../../format/record.ts';
import { cleanName } from '../../text/name.ts';
import { type SetOrigin, setOriginSchema, type SetPair, setPairSchema } from './keptSet.ts';

/** The set's own facts in a file. */
export interface SetFacts {
	name: string;
	origins: readonly SetOrigin[];
}

/** Facts of a pair in a file. */
export type PairFacts = Partial<
	Pick<SetPair, 'open' | 'method' | 'edited' | 'from' | 'by' | 'origin' | 'before'>
> & {
	family?: string;
};

/** Characters of a name, and origins of a set, that a file may have. */
const LONGEST = 200;
const MOST_ORIGINS = 1000;

const { open, from, by, origin, before } = setPairSchema.entries;
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST));

/** Each column by itself, so that one unusable column costs no other. */
function readColumn<Schema extends v.GenericSchema>(
	schema: Schema,
	value: unknown,
): v.InferOutput<Schema> | null {
	const parsed = v.safeParse(schema, value);
	return parsed.success ? parsed.output : null;
}

/** @param row a parsed row of a file */
export function readPairFacts(row: object): PairFacts {
	const columns = row as Readonly<Record<string, unknown>>;
	const provenance = isRecord(columns['provenance']) ? columns['provenance'] : {};
	const ends = readColumn(open.wrapped, columns['open']);
	const facts = {
		open: ends !== null && (ends.chosen || ends.rejected) ? ends : null,
		family: readColumn(word, provenance['family']),
		method: readColumn(word, provenance['method']),
		edited: readColumn(v.boolean(), provenance['edited']),
		from: readColumn(from, provenance['from']),
		by: readColumn(by.wrapped, provenance['by']),
		origin: readColumn(origin.wrapped, provenance['origin']),
		before: readColumn(before.wrapped, provenance['before']),
	};
	return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}

/** The set's facts in a row; null in rows without them. An origin of another form keeps its name alone. */
export function readSetFacts(row: object): SetFacts | null {
	const set = (row as Readonly<Record<string, unknown>>)['set'];
	if (!isRecord(set) || typeof set['name'] !== 'string') return null;
	const name = cleanName(set['name']);
	const listed: readonly unknown[] = Array.isArray(set['origins'])
		? set['origins'].slice(0, MOST_ORIGINS)
		: [];
	return name === '' ? null : { name, origins: listed.map(readOrigin) };
}

function readOrigin(value: unknown): SetOrigin {
	const whole = readColumn(setOriginSchema, value);
	if (whole !== null) return whole;
	const name = isRecord(value) && typeof value['name'] === 'string' ? cleanName(value['name']) : '';
	return { kind: 'file', name: name === '' ? 'unknown' : name };
}

/** The sets of a file in its order. A file that was put together from several keeps all origins, and the first name. */
export class FileSets {
	#name: string | null = null;
	readonly #origins: SetOrigin[] = [];
	/** Place of the first origin of the set that the next rows belong to. */
	#start = 0;

	add(set: SetFacts | null): void {
		if (set === null) return;
		this.#name ??= set.name;
		this.#start = this.#origins.length;
		this.#origins.push(...set.origins);
	}

	/** The facts of a pair with the place of its origin in the whole file; an origin that the file lacks is left out. */
	placed({ origin, ...facts }: PairFacts): PairFacts {
		const place = this.#start + (origin ?? Number.NaN);
		return place < this.#origins.length ? { ...facts, origin: place } : facts;
	}

	/** Null if the file holds no set. */
	get facts(): SetFacts | null {
		return this.#name === null ? null : { name: this.#name, origins: this.#origins };
	}
}
