/** Files and stored texts from outside: run files, checkpoints, records, names. */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { withoutPrivate } from '#app/text/privacy.ts';
import { AppError } from '#core/errors.ts';
import { fileStem } from '#core/exchange/export.ts';
import { xxHash32 } from '#core/format/xxhash32.ts';
import { readStoredSet } from '#core/pair/set/storedSet.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { cleanName } from '#core/text/name.ts';
import { writePeftAdapter } from '#core/adapter/peft.ts';
import { toBase64 } from '#core/format/base64.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { readRunFile, writeRunFile } from '#core/run/runFile.ts';
import { type RunRecord, runRecordSchema } from '#core/run/run.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#runtime/storage/checkpointFile.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';
import { keptSet, setPair } from '#tests/support/setPairs.ts';
import { target, type FuzzTarget } from './target.ts';

function expectRefusal(thrown: unknown): void {
	if (thrown instanceof AppError && thrown.code !== 'unexpected' && thrown.hint !== '') return;
	throw new Error(`Expected an AppError with code and hint, got ${String(thrown)}.`, { cause: thrown });
}

function expectTrue(holds: boolean, what: string): void {
	if (!holds) throw new Error(what);
}

/** As JSON, because a measured NaN is null there. */
function expectValid(run: RunRecord): void {
	v.parse(runRecordSchema, JSON.parse(JSON.stringify(run)));
}

const storedSet = keptSet('Mine', [setPair('a', 'went', 'goed'), setPair('b', 'x', 'y')]);
const checkpoint = checkpointOf(20);
const checkpointBytes = encodeCheckpoint(checkpoint);
const prompt = { id: 'w-0', text: 'prompt', family: null };
/** With the optional results of a world that shows side effects. */
const record: RunRecord = {
	...runRecord('a'),
	recipe: { ...DEFAULT_RECIPE, begin: { run: 'b', name: 'Monday, step 20', sha256: 'a'.repeat(64) } },
	ancestry: [{ run: 'b', name: 'Monday', step: 20, sha256: 'a'.repeat(64), before: 0.4, after: null }],
	untouched: [{ mode: 'greedy', step: 20, answers: [], estimate: { score: 0.4, low: 0.3, high: 0.5, n: 9 } }],
	panel: [
		{ step: 0, engine: 'compute', answers: [{ prompt, text: 'answer' }] },
		{
			step: 20,
			engine: 'compute',
			answers: [{ prompt, text: 'another' }],
			fluency: [{ promptId: 'w-0', base: { logp: -1, tokens: 1 }, tuned: { logp: -2, tokens: 1 } }],
		},
	],
};
const peft = writePeftAdapter(checkpoint.adapter);
const parent = { step: 20, config: peft.config, weights: toBase64(peft.weights) };
const recordText = JSON.stringify(record);
const envelope = (inner: unknown): Uint8Array<ArrayBuffer> =>
	new TextEncoder().encode(
		JSON.stringify({ form: 'anchorage-run', version: 2, record: inner, adapters: [], parent }),
	);

/** A record with one field at any depth replaced by any JSON. */
const changedRecord = fc.tuple(fc.nat(), fc.jsonValue(), fc.boolean()).map(([n, value, removes]): unknown => {
	const copy = JSON.parse(recordText) as unknown;
	const places: { owner: Record<string, unknown>; key: string }[] = [];
	const visit = (owner: unknown): void => {
		if (typeof owner !== 'object' || owner === null) return;
		for (const key of Object.keys(owner)) {
			places.push({ owner: owner as Record<string, unknown>, key });
			visit((owner as Record<string, unknown>)[key]);
		}
	};
	visit(copy);
	const place = places[n % places.length];
	if (place === undefined) return value;
	if (removes) Reflect.deleteProperty(place.owner, place.key);
	else place.owner[place.key] = value;
	return copy;
});

const damagedBytes = (whole: Uint8Array<ArrayBuffer>) =>
	fc
		.tuple(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }))
		.map(([end, changes]) => {
			const bytes = whole.slice(0, end === 0 ? whole.length : end);
			for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
			return bytes;
		});

async function readOrRefuse(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
	try {
		const read = await readRunFile(bytes, 'x');
		expectValid(read.record);
		const again = await readRunFile(await writeRunFile(read), 'x');
		expectTrue(again.mended.length === 0, 'A mended run needs no mending.');
		expectTrue(JSON.stringify(again.record) === JSON.stringify(read.record), 'A run file reads back.');
	} catch (thrown) {
		expectRefusal(thrown);
	}
}

const bytesOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

export const targets: FuzzTarget[] = [
	target('readRunFile: any bytes', fc.uint8Array({ maxLength: 400 }).map(bytesOf), readOrRefuse),
	target('readRunFile: any text', fc.string({ unit: 'binary' }), (text) =>
		readOrRefuse(new TextEncoder().encode(text)),
	),
	target('readRunFile: any JSON', fc.json(), (text) => readOrRefuse(new TextEncoder().encode(text))),
	target('readRunFile: a record with one other field', changedRecord, (changed) =>
		readOrRefuse(envelope(changed)),
	),
	target('readStoredRun: a record with one other field', changedRecord, (changed) => {
		try {
			expectValid(readStoredRun(JSON.stringify(changed), 'x'));
		} catch (thrown) {
			expectRefusal(thrown);
		}
	}),
	target('readStoredRun: any text', fc.string({ unit: 'binary' }), (text) => {
		try {
			readStoredRun(text, 'x');
		} catch (thrown) {
			expectRefusal(thrown);
		}
	}),
	target('decodeCheckpoint: damaged bytes', damagedBytes(checkpointBytes), (bytes) => {
		try {
			const read = decodeCheckpoint(bytes);
			const isSame = xxHash32(encodeCheckpoint(read)) === xxHash32(checkpointBytes);
			expectTrue(isSame, 'A damaged checkpoint was read with other numbers.');
		} catch (thrown) {
			expectRefusal(thrown);
		}
	}),
	target('decodeCheckpoint: any bytes', fc.uint8Array({ maxLength: 200 }), (bytes) => {
		try {
			decodeCheckpoint(bytes);
		} catch (thrown) {
			expectRefusal(thrown);
		}
	}),
	target(
		'readStoredSet: changed values',
		fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 })),
		([place, value]) => {
			const fields = Object.keys(storedSet);
			const changed = { ...storedSet, [fields[place % fields.length] ?? 'pairs']: value };
			try {
				const read = readStoredSet(JSON.stringify(changed), 'Mine');
				expectTrue(
					new Set(read.pairs.map(({ id }) => id)).size === read.pairs.length,
					'Two pairs have one id.',
				);
			} catch (thrown) {
				expectRefusal(thrown);
			}
		},
	),
	target('readStoredSet: any text', fc.string(), (text) => {
		try {
			readStoredSet(text, 'Mine');
		} catch (thrown) {
			expectRefusal(thrown);
		}
	}),
	target('fileStem', fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
		const stem = fileStem(name);
		expectTrue(/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_-]*$/u.test(stem), `“${stem}” is no safe file name.`);
		expectTrue(new TextEncoder().encode(`${stem}.run.json.gz`).length <= 255, 'The file name is too long.');
		expectTrue(fileStem(stem) === stem, 'A safe name stays.');
	}),
	target('cleanName', fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
		const clean = cleanName(name);
		expectTrue(!/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(clean), 'A control character is left.');
		expectTrue(cleanName(clean) === clean, 'A clean name stays.');
	}),
	target(
		'withoutPrivate',
		fc.record({ key: fc.string({ minLength: 12 }), text: fc.string({ minLength: 30 }), around: fc.string() }),
		({ key, text, around }) => {
			const struck = String(
				withoutPrivate(`${around}${key}${around}${text}`, { keys: [key], texts: [text] }),
			);
			expectTrue(
				!struck.includes(key.trim()) || key.trim() === '' || '[text of the run][key]'.includes(key.trim()),
				'The key is left.',
			);
			expectTrue(!struck.includes(text), 'The text is left.');
		},
	),
];
