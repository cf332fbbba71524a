/** The metadata of a GGUF file: typed values under dotted keys, arrays included. */
import type { Cursor } from './cursor.ts';
import { ggufInvalid } from './fault.ts';

export type GgufValue = number | boolean | string | readonly GgufValue[];

/** The specification's limit for keys, in bytes. */
const LONGEST_KEY = 65_535;
/** The longest known array has 514,906 merges. */
const MOST_ITEMS = 2 ** 22;
/** No known key nests arrays. */
const DEEPEST = 4;
const ARRAY = 9;

interface ScalarType {
	/** Fewest bytes of a value. */
	bytes: number;
	read: (cursor: Cursor) => GgufValue;
}

const SCALARS: ReadonlyMap<number, ScalarType> = new Map<number, ScalarType>([
	[0, { bytes: 1, read: (cursor) => cursor.u8() }],
	[1, { bytes: 1, read: (cursor) => cursor.i8() }],
	[2, { bytes: 2, read: (cursor) => cursor.u16() }],
	[3, { bytes: 2, read: (cursor) => cursor.i16() }],
	[4, { bytes: 4, read: (cursor) => cursor.u32() }],
	[5, { bytes: 4, read: (cursor) => cursor.i32() }],
	[6, { bytes: 4, read: (cursor) => cursor.f32() }],
	[7, { bytes: 1, read: (cursor) => cursor.flag() }],
	[8, { bytes: 8, read: (cursor) => cursor.text() }],
	[10, { bytes: 8, read: (cursor) => cursor.u64() }],
	[11, { bytes: 8, read: (cursor) => cursor.i64() }],
	[12, { bytes: 8, read: (cursor) => cursor.f64() }],
]);

/** @throws FormatError `gguf-invalid` for unknown types, a key that occurs twice, or too many items */
export function readMetadata(cursor: Cursor, fields: number, source: string): Map<string, GgufValue> {
	const metadata = new Map<string, GgufValue>();
	for (let i = 0; i < fields; i++) {
		const key = cursor.shortText(LONGEST_KEY, 'a metadata key');
		if (metadata.has(key)) throw ggufInvalid(source, `has the metadata key "${key}" twice.`);
		metadata.set(key, readValue(cursor, cursor.u32(), key, source));
	}
	return metadata;
}

function readValue(cursor: Cursor, type: number, key: string, source: string, depth = 0): GgufValue {
	if (type !== ARRAY) return scalarType(type, key, source).read(cursor);
	if (depth === DEEPEST) throw ggufInvalid(source, `nests arrays in "${key}" more than ${DEEPEST} deep.`);
	const inner = cursor.u32();
	const bytes = inner === ARRAY ? 12 : scalarType(inner, key, source).bytes;
	const count = cursor.count(bytes, MOST_ITEMS, `too many items in "${key}"`);
	const items: GgufValue[] = [];
	for (let i = 0; i < count; i++) items.push(readValue(cursor, inner, key, source, depth + 1));
	return items;
}

function scalarType(type: number, key: string, source: string): ScalarType {
	const known = SCALARS.get(type);
	if (known !== undefined) return known;
	throw ggufInvalid(source, `gives "${key}" the unknown value type ${type}.`);
}
