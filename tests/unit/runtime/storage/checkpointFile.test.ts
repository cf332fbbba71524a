import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '#core/format/safetensors.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#runtime/storage/checkpointFile.ts';
import { checkpointOf } from '#tests/support/runs.ts';

const checkpoint = checkpointOf(20);

test('a checkpoint reads back to the last bit, with and without state', () => {
	expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
	const adapterOnly = { adapter: checkpoint.adapter, state: null };
	expect(decodeCheckpoint(encodeCheckpoint(adapterOnly))).toEqual(adapterOnly);
});

describe('a damaged checkpoint is refused with a hint', () => {
	const bytes = encodeCheckpoint(checkpoint);
	const { tensors, metadata } = readSafetensors(bytes);
	const list = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
	const without = (name: string): Uint8Array<ArrayBuffer> =>
		writeSafetensors(
			list.filter((tensor) => tensor.name !== name),
			metadata,
		);

	test.each([
		['cut off', bytes.subarray(0, bytes.length - 10), /the file is cut off/],
		['without a moment', without('state.v'), /lacks "state\.v"/],
		['without a matrix', without('adapter.1.B'), /lacks "adapter\.1\.B"/],
		['of another form', writeSafetensors(list, { form: 'x' }), /of another form/],
		[
			'of a newer form',
			writeSafetensors(list, { ...metadata, form: 'anchorage-checkpoint-99' }),
			/written by a newer version: it has form 99/,
		],
		[
			'with a broken header',
			writeSafetensors(list, { ...metadata, adapter: '{}' }),
			/header is not in the expected form/,
		],
		[
			'with a broken state',
			writeSafetensors(list, { ...metadata, state: '{' }),
			/header is not in the expected form/,
		],
	])('%s', (_name, damaged, message) => {
		expect(() => decodeCheckpoint(damaged)).toThrow(message);
		expect(() => decodeCheckpoint(damaged)).toThrow(expect.objectContaining({ kind: 'format' }));
	});
});
