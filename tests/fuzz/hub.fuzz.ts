/** Names of repositories, answers of a hub, files of a model, and answers to requests for a part, as anyone may send them. */
import fc from 'fast-check';
import { expectForms, modelForms } from '#core/checkpoint/modelForms.ts';
import { TransferRate } from '#core/checkpoint/transferRate.ts';
import { readHubAddress } from '#runtime/models/hub/address.ts';
import { nextPage, readRevision, readTree } from '#runtime/models/hub/listing.ts';
import { startOf, versionOf } from '#runtime/models/transfer/answer.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

function expect(holds: boolean, ...facts: unknown[]): void {
	if (!holds) throw new Error(JSON.stringify(facts));
}

const piece = fc.constantFrom(
	'https://',
	'hf://',
	'huggingface.co',
	'hub.example:8080',
	'owner',
	'na.me',
	'/',
	'//',
	'@',
	':',
	'tree',
	'blob',
	'resolve',
	'main',
	'refs',
	'pr',
	'..',
	'.',
	'%2F',
	'%',
	'?a=b',
	'#c',
	'datasets',
	'Q4_K_M',
	'\u200b',
	' ',
	'\\',
);
const name = fc.oneof(
	fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join('')),
	fc.string(),
);

const end = fc.constantFrom(
	'config.json',
	'model.safetensors',
	'model-00001-of-00002.safetensors',
	'model-00002-of-00002.safetensors',
	'a-Q4_K_M.gguf',
	'a-F16-00001-of-00001.gguf',
	'mlc-chat-config.json',
	'tensor-cache.json',
	'params_shard_0.bin',
	'tokenizer.json',
	'adapter_config.json',
	'__proto__',
	'constructor',
);
const path = fc.oneof(
	fc.tuple(fc.constantFrom('', 'a/', 'a/b/', '../', '/'), end).map((parts) => parts.join('')),
	fc.string({ maxLength: 20 }),
);
const entry = fc.record(
	{
		type: fc.constantFrom<unknown>('file', 'directory', 3),
		path: fc.oneof<[fc.Arbitrary<unknown>, fc.Arbitrary<unknown>]>(path, fc.jsonValue()),
		size: fc.oneof<[fc.Arbitrary<unknown>, fc.Arbitrary<unknown>]>(fc.nat(), fc.double()),
		oid: fc.constantFrom<unknown>('a'.repeat(40), 'A'.repeat(40), 'x', null),
		lfs: fc.constantFrom<unknown>(
			undefined,
			null,
			{},
			{ oid: 'b'.repeat(64), size: 5 },
			{ oid: 'x', size: 5 },
		),
	},
	{ requiredKeys: ['type', 'path'] },
);
const BASE = 'https://hub.example/owner/name/resolve/c/';

export const targets: FuzzTarget[] = [
	target('hub address: a name that stays on its hub, or an AppError', name, (text) => {
		const read = onlyAppErrors(() => readHubAddress(text));
		if (read === null) return;
		const { hub, repository, revision } = read;
		const api = `${hub}/api/models/${repository}/revision/${encodeURIComponent(revision ?? 'main')}`;
		const url = new URL(api);
		expect(url.href.toLowerCase() === api.toLowerCase() && url.search === '' && url.hash === '', text, read);
		// A name that was read is read again as itself.
		const again = onlyAppErrors(() => readHubAddress(`${repository}@${revision ?? 'main'}`, hub));
		expect(again?.repository === repository && again.hub === hub, text, read, again);
	}),
	target(
		'hub listing: files inside the repository, with whole sizes and digests',
		fc.oneof<[fc.Arbitrary<unknown>, fc.Arbitrary<unknown>]>(
			fc.array(entry, { maxLength: 8 }),
			fc.jsonValue(),
		),
		(json) => {
			onlyAppErrors(() => readRevision(json, 'x'));
			for (const file of onlyAppErrors(() => readTree(json, 'x')) ?? []) {
				const address = BASE + file.path.split('/').map(encodeURIComponent).join('/');
				expect(new URL(address).href.startsWith(BASE) && Number.isSafeInteger(file.size), file);
				expect(file.digest === null || /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(file.digest.hex), file);
			}
		},
	),
	target('hub listing: the next page of any Link header', fc.string(), (link) => {
		for (const text of [link, `<${link}>; rel="next"`, `<x>; rel="prev", <y?${link}>; rel=next`]) {
			const query = nextPage(text);
			expect(query?.startsWith('?') !== false, text, query);
		}
	}),
	target(
		'forms of a model: only listed files, each once, or advice',
		fc.array(fc.record({ path, size: fc.nat() }), { maxLength: 12 }),
		(files) => {
			const sizes = new Map(files.map((file) => [file.path, file.size]));
			for (const form of modelForms(files)) {
				expect(form.paths.length > 0 && new Set(form.paths).size === form.paths.length, form);
				expect(
					form.paths.every((one) => sizes.has(one)),
					form,
				);
				expect(form.bytes === form.paths.reduce((sum, one) => sum + (sizes.get(one) ?? 0), 0), form);
			}
			onlyAppErrors(() => expectForms(files, 'owner/name'));
		},
	),
	target(
		'answer to a range: the asked byte, the first, or none',
		fc.record({
			status: fc.constantFrom(200, 206),
			range: fc.oneof(
				fc.constantFrom('bytes 5-9/10', 'bytes 0-9/10', 'bytes 5-9/*', 'bytes 5-9/11', 'items 5-9/10'),
				fc.stringMatching(/^[ -~]{0,20}$/),
			),
			length: fc.constantFrom('5', '10', '-1', 'x'),
		}),
		({ status, range, length }) => {
			for (const headers of [{ 'content-range': range }, { 'content-length': length }, { etag: range }]) {
				const response = new Response('', { status, headers });
				const start = startOf(response, 5, 10);
				expect(start === null || start === 5 || (start === 0 && status === 200), range, length, start);
				versionOf(response);
			}
		},
	),
	target(
		'transfer: numbers that can be shown, at any times',
		fc.array(fc.tuple(fc.integer({ min: -1000, max: 1e9 }), fc.integer({ min: -1e6, max: 1e6 })), {
			maxLength: 20,
		}),
		(events) => {
			const rate = new TransferRate(1e9, 0, 0);
			for (const [count, now] of events) {
				rate.add(count, now);
				const { bytesPerSecond, secondsLeft } = rate.progress(now);
				for (const value of [bytesPerSecond, secondsLeft])
					expect(value === null || (Number.isFinite(value) && value >= 0), events);
			}
		},
	),
];
