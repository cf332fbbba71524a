/** The rows worker's client and server, joined by a real channel: long lists cross in slices. */
import { afterEach, describe, expect, test } from 'vitest';
import { serveCalls } from '#core/rpc/server.ts';
import { wordReader } from '#tests/support/rowReader.ts';
import { slicesOf } from '#worker/lists.ts';
import { ROW_CALLS } from '#worker/rowCalls.ts';
import { RowsClient } from '#worker/rowsClient.ts';

const SOURCE = {
	...{ id: 'words', title: 'Words', url: 'https://models.test/words/' },
	...{
		library: null,
		parameters: 1,
		origin: { place: 'server' as const, address: 'https://models.test/words/' },
	},
};
const ports: MessagePort[] = [];
afterEach(() => {
	for (const port of ports.splice(0)) port.close();
});

/** A client of a reader in this thread, with the largest number of rows of any message. */
function connect() {
	const { port1, port2 } = new MessageChannel();
	ports.push(port1, port2);
	const most = { pairsToPage: 0, toWorker: 0 };
	serveCalls(port2, ROW_CALLS, wordReader());
	const rowsOf = (part: { list?: string; rows?: readonly unknown[] } | undefined, list?: string): number =>
		part?.list === list ? (part?.rows?.length ?? 0) : 0;
	port1.addEventListener('message', ({ data }: MessageEvent<{ event?: object }>) => {
		most.pairsToPage = Math.max(most.pairsToPage, rowsOf(data.event, 'pairs'));
	});
	const post = port1.postMessage.bind(port1);
	const worker = Object.assign(port1, {
		terminate: () => undefined,
		postMessage: (message: { input?: object }, transfer: ArrayBuffer[]) => {
			most.toWorker = Math.max(most.toWorker, rowsOf(message.input));
			post(message, transfer);
		},
	}) as unknown as Worker;
	port1.start();
	port2.start();
	return { client: new RowsClient(() => worker), most };
}

const file = (name: string, text: string) => ({ name, bytes: new TextEncoder().encode(text), layout: null });

describe('rows', () => {
	const COUNT = 1500;
	const text = Array.from({ length: COUNT }, (_, i) =>
		JSON.stringify({ prompt: `Question ${i}?`, chosen: `yes ${i} `.repeat(60), rejected: 'no' }),
	).join('\n');

	test('of a large import arrive complete and in order, a part at a time', async () => {
		const { client, most } = connect();
		const read = await client.pairs(file('x.jsonl', `${text}\n{broken`));
		expect(read).toEqual(await wordReader().pairs(file('x.jsonl', `${text}\n{broken`)));
		expect(read.set.pairs).toHaveLength(COUNT);
		// Numbers are small: one message has all lines.
		expect(most.pairsToPage).toBeLessThan(1000);
	});

	test('are counted a part at a time', async () => {
		const { client, most } = connect();
		const { set } = await wordReader().pairs(file('x.jsonl', text));
		const lengths = await client.measure(SOURCE, set.pairs, new AbortController().signal);
		expect(lengths).toEqual(await wordReader().measure(SOURCE, set.pairs, new AbortController().signal));
		expect(most.toWorker).toBeLessThan(1000);
	});

	test('of prompts keep their layout and their notes', async () => {
		const { client } = connect();
		const prompts = file('x.csv', 'id,task,topic\n1,Name a bridge.,place\n2,,river\n');
		const read = await wordReader().prompts(prompts);
		expect(await client.prompts(prompts)).toEqual(read);
		// The bytes moved, so that a file of 64 MB is not copied.
		expect(prompts.bytes).toHaveLength(0);
	});

	test('are refused as the reader refuses them', async () => {
		const { client } = connect();
		await expect(client.pairs(file('x.jsonl', '{broken'))).rejects.toMatchObject({ code: 'pairs-none' });
	});
});

describe('slices', () => {
	const sizes = (rows: readonly unknown[]) => [...slicesOf(rows)].map(({ length }) => length);

	test('join to the list, and hold a bounded amount of text', () => {
		const rows = Array.from({ length: 1000 }, (_, i) => ({ i, text: 'x'.repeat(10_000) }));
		expect([...slicesOf(rows)].flat()).toEqual(rows);
		expect(Math.max(...sizes(rows))).toBeLessThan(60);
	});

	test('of one row are as large as the row, and an empty list is one empty slice', () => {
		const huge = 'x'.repeat(2 ** 20);
		expect(sizes([huge, huge])).toEqual([1, 1]);
		expect(sizes([])).toEqual([0]);
	});

	test('of numbers are large', () => {
		expect(sizes(Array.from({ length: 20_000 }, (_, i) => i))).toEqual([20_000]);
	});
});
