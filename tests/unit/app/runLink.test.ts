/** A link to a run file: asked about first, opened once, and never twice in the library. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { visit } from '#app/visit.ts';
import { RemoteError } from '#core/errors.ts';
import { writeRunFile } from '#core/run/runFile.ts';
import { createFakes, FakeStore, SMALL } from '#tests/support/fakes.ts';

const FILE = 'https://a.example/lecture.run.json.gz';
const LINK = `#open=${encodeURIComponent(FILE)}&view=loss&step=5`;

async function fileOfRun(): Promise<Uint8Array<ArrayBuffer>> {
	const session = new Session(createFakes(new FakeStore()).ports);
	session.draft.load(SMALL);
	await session.startRun();
	return writeRunFile({ record: session.run.record()!, adapters: [] });
}

/** A session whose network has one file; `asked` lists the addresses. */
async function withFile(bytes?: Uint8Array<ArrayBuffer>) {
	const { ports } = createFakes(new FakeStore());
	const asked: string[] = [];
	const file = bytes ?? (await fileOfRun());
	ports.linkedRunFile = (address, _signal, onProgress) => {
		asked.push(address);
		onProgress({ done: file.length, total: file.length });
		return Promise.resolve({ bytes: file.slice() });
	};
	const session = new Session(ports);
	return { session, ports, asked };
}

describe('a link to a run file', () => {
	it('asks first, and shows its origin', async () => {
		const { session, asked } = await withFile();
		await visit(session, LINK);
		expect(session.runLink.asked).toMatchObject({ address: FILE, origin: 'https://a.example' });
		expect([asked, session.fresh]).toEqual([[], true]);
		session.runLink.dismiss();
		expect(session.runLink.asked).toBeNull();
		expect(asked).toEqual([]);
	});

	it('opens its run at the moment that it names, and keeps its address', async () => {
		const { session, asked } = await withFile();
		await visit(session, LINK);
		await session.runLink.accept();
		expect(asked).toEqual([FILE]);
		expect([session.run.origin, session.view, session.run.cursor.step]).toEqual(['file', 'loss', 5]);
		expect(session.run.madeWith.source?.address).toBe(FILE);
		expect([session.runLink.asked, session.runLink.progress, session.runLink.problem]).toEqual([
			null,
			null,
			null,
		]);
	});

	it('opens the kept run if its file was read before', async () => {
		const { session } = await withFile();
		await visit(session, LINK);
		await session.runLink.accept();
		const { id } = session.run;
		session.close();
		await visit(session, LINK);
		await session.runLink.accept();
		expect(session.run.id).toBe(id);
		expect(session.library.runs).toHaveLength(1);
	});

	it('whose server leads on to another origin asks again', async () => {
		const { session, ports } = await withFile();
		ports.linkedRunFile = () => Promise.resolve({ movedTo: 'https://b.example/x' });
		await visit(session, LINK);
		await session.runLink.accept();
		expect(session.runLink.asked?.origin).toBe('https://b.example');
		expect(session.runLink.movedFrom).toBe('https://a.example');
		expect(session.fresh).toBe(true);
	});

	it.each([
		['is not a run', new TextEncoder().encode('<!doctype html><b>x</b>'), /cannot be opened as a run/],
		['is empty', new Uint8Array(), /an empty file/],
	])('whose file %s says so, and keeps the question', async (_, bytes, message) => {
		const { session } = await withFile(bytes);
		await visit(session, LINK);
		await session.runLink.accept();
		expect(session.runLink.problem?.message).toMatch(message);
		expect(session.runLink.asked).not.toBeNull();
		expect(session.files.error).toBeNull();
		expect(session.library.runs).toEqual([]);
	});

	it('that the server refuses says why; a stop says nothing', async () => {
		const { session, ports } = await withFile();
		ports.linkedRunFile = () => Promise.reject(new RemoteError('No.', { code: 'run-file-refused' }));
		await visit(session, LINK);
		await session.runLink.accept();
		expect(session.runLink.problem?.code).toBe('run-file-refused');
		ports.linkedRunFile = (_address, signal) =>
			new Promise((_resolve, reject) =>
				signal.addEventListener('abort', () => reject(signal.reason as Error)),
			);
		const accepting = session.runLink.accept();
		session.runLink.dismiss();
		await accepting;
		expect(session.runLink.asked).toBeNull();
	});

	it('that is no address says why', async () => {
		const { session } = await withFile();
		await visit(session, '#open=javascript:alert(1)');
		expect(session.runLink.problem?.code).toBe('run-address-invalid');
		expect(session.runLink.asked).toBeNull();
	});
});
