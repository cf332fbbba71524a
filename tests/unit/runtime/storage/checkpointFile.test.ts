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

test('damage to the name of the checksum does not pass for an older version', () => {
	const bytes = encodeCheckpoint(checkpointOf(20));
	const text = new TextDecoder('latin1').decode(bytes);
	bytes[text.indexOf('checksum')] = 0x20;
	bytes[bytes.length - 2] = 1;
	expect(() => decodeCheckpoint(bytes)).toThrow(/its header has “hecksum”, which no version writes/);
});

test('a checkpoint without a checksum, as older versions wrote it, opens', () => {
	const { tensors, metadata } = readSafetensors(encodeCheckpoint(checkpoint));
	const { checksum, ...older } = metadata;
	expect(checksum).toMatch(/^xxh32:[0-9a-f]{8}$/);
	const list = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
	expect(decodeCheckpoint(writeSafetensors(list, older))).toEqual(checkpoint);
});

test('a change of any one byte is found, or changes nothing', () => {
	const bytes = encodeCheckpoint(checkpoint);
	for (let at = 0; at < bytes.length; at += 7) {
		const damaged = new Uint8Array(bytes);
		damaged[at] = (damaged[at] ?? 0) ^ 0x10;
		let read: unknown;
		try {
			read = decodeCheckpoint(damaged);
		} catch (thrown) {
			expect(thrown).toMatchObject({ kind: 'format' });
			continue;
		}
		expect(read).toEqual(checkpoint);
	}
});

test('a damaged checkpoint is named by its step', () => {
	const bytes = encodeCheckpoint(checkpoint);
	bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
	expect(() => decodeCheckpoint(bytes, 'The checkpoint of step 20')).toThrow(
		/^The checkpoint of step 20 cannot be read: /,
	);
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

	const withData = (name: string, change: (data: Float32Array) => Float32Array) =>
		writeSafetensors(
			list.map((tensor) => {
				if (tensor.name !== name) return tensor;
				const data = change(tensor.data);
				return { ...tensor, data, shape: data.length === tensor.data.length ? tensor.shape : [data.length] };
			}),
			metadata,
		);
	const withFacts = (change: (facts: { step: unknown; config: { rank: number } }) => void) => {
		const facts = JSON.parse(metadata['adapter']!) as { step: unknown; config: { rank: number } };
		change(facts);
		return writeSafetensors(list, { ...metadata, adapter: JSON.stringify(facts) });
	};

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
		['with a NaN', withData('state.m', (data) => data.with(3, NaN)), /number 3 of "state\.m" is NaN/],
		['with an infinity', withData('adapter.0.A', (data) => data.with(0, -Infinity)), /is -Infinity/],
		['with a changed number', withData('state.v', (data) => data.with(5, 0.25)), /bytes changed/],
		['with a shorter moment', withData('state.m', (data) => data.slice(1)), /"state\.m" has the shape/],
		['with a larger rank', withFacts((facts) => (facts.config.rank = 4)), /"adapter\.0\.A" has the shape/],
		['with a step of text', withFacts((facts) => (facts.step = '20')), /header is not in the expected form/],
		['with a negative step', withFacts((facts) => (facts.step = -1)), /header is not in the expected form/],
		[
			'of two steps',
			withFacts((facts) => (facts.step = 21)),
			/state is of step 20 and its adapter of step 21/,
		],
		[
			'with a changed log-probability',
			writeSafetensors(list, { ...metadata, state: metadata['state']!.replace('-12.3', '-12.4') }),
			/bytes changed/,
		],
	])('%s', (_name, damaged, message) => {
		expect(() => decodeCheckpoint(damaged)).toThrow(message);
		expect(() => decodeCheckpoint(damaged)).toThrow(expect.objectContaining({ kind: 'format' }));
	});
});
