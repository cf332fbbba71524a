/** Deterministic ports for the page without engines, with a chosen delay. */
import { digestOf } from '#runtime/models/digest.ts';
import { fetchLinkedRunFile } from '#runtime/storage/linkedRunFile.ts';
import type { AppPorts } from '#app/ports.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { RemoteError } from '#core/errors.ts';
import type { SentRequest } from '#core/endpoint/sentRequest.ts';
import type { ChatModel, ChatReply, ChatRequest, RunStore, StoreSurvey, TrainerState } from '#core/ports.ts';
import { readRevisionRequest, revisionReply } from '#core/revision/request.ts';
import { nextEdition } from '#core/run/edition.ts';
import { readRunFile } from '#core/run/runFile.ts';
import type { DamagedRun, RunRecord, RunSummary } from '#core/run/run.ts';
import { reviseAnswer } from '#core/world/tiny/revise.ts';
import { FakeStorage } from '#tests/support/fakes.ts';
import { MemoryGridStore } from '#tests/support/gridStore.ts';
import { MemorySetStore } from '#tests/support/setStore.ts';
import { type ComputeOptions, DEVICE, StandInCompute } from './compute.ts';
import { StandInTarget } from './model.ts';
import { chosenFiles } from '#runtime/models/disk/diskModel.ts';
import { droppedFiles } from '#runtime/models/disk/droppedFiles.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';
import type { Fetch } from '#runtime/models/http/request.ts';
import type { FileStores } from '#runtime/models/memoryCaches.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { wordReader } from '#tests/support/rowReader.ts';

export interface StandInOptions extends Partial<ComputeOptions> {
	/** Replies before the endpoint refuses the key. */
	refuseAfter?: number;
	/** Runs in the store. */
	runs?: readonly RunRecord[];
	recordedRun?: AppPorts['recordedRun'];
	/** Default: the real network. */
	fetch?: Fetch;
	/** Default: an empty list. */
	offeredModels?: AppPorts['offeredModels'];
	/** Default: a reader in this thread, whose tokens are words. */
	rowReader?: AppPorts['rowReader'];
}

export class MemoryStore implements RunStore {
	readonly runs = new Map<string, RunRecord>();
	/** Runs that cannot be listed. */
	broken: readonly DamagedRun[] = [];
	readonly #checkpoints = new Map<string, { adapter: Adapter; state: TrainerState | null }>();
	readonly #onRemoved = new Set<(id: string) => void>();

	survey(): Promise<StoreSurvey> {
		const runs: readonly RunSummary[] = [...this.runs.values()].map((run) => ({
			id: run.id,
			name: run.name,
			createdAt: run.createdAt,
			...(run.origin === undefined ? {} : { origin: run.origin }),
			...(run.source === undefined ? {} : { source: run.source }),
			...(run.grid === undefined ? {} : { grid: run.grid }),
			phase: run.phase,
			recipe: run.recipe,
			step: run.metrics.at(-1)?.step ?? 0,
			before: run.heldOut.find(({ step, mode }) => step === 0 && mode === 'greedy')?.estimate.score ?? null,
			after: run.heldOut.findLast(({ step, mode }) => step > 0 && mode === 'greedy')?.estimate.score ?? null,
			bytes: JSON.stringify(run).length,
		}));
		return Promise.resolve({ runs, damaged: this.broken, quota: 41e9 });
	}
	read(id: string): Promise<RunRecord | null> {
		return Promise.resolve(this.runs.get(id) ?? null);
	}
	write(run: RunRecord): Promise<number> {
		const next = nextEdition(run, this.runs.get(run.id));
		this.runs.set(run.id, next);
		return Promise.resolve(next.edition);
	}
	rename(id: string, name: string): Promise<void> {
		const run = this.runs.get(id);
		if (run) this.runs.set(id, { ...run, name });
		return Promise.resolve();
	}
	readText(id: string): Promise<string | null> {
		const run = this.runs.get(id);
		return Promise.resolve(run === undefined ? null : JSON.stringify(run));
	}
	remove(id: string): Promise<void> {
		this.runs.delete(id);
		this.broken = this.broken.filter((run) => run.id !== id);
		for (const listener of this.#onRemoved) listener(id);
		return Promise.resolve();
	}
	onRemoved(listener: (id: string) => void): () => void {
		this.#onRemoved.add(listener);
		return () => void this.#onRemoved.delete(listener);
	}
	sweep(): Promise<void> {
		return Promise.resolve();
	}
	writeCheckpoint(id: string, adapter: Adapter, state: TrainerState | null): Promise<void> {
		this.#checkpoints.set(`${id}:${adapter.step}`, { adapter, state });
		return Promise.resolve();
	}
	readCheckpoint(id: string, step: number): Promise<{ adapter: Adapter; state: TrainerState | null } | null> {
		return Promise.resolve(this.#checkpoints.get(`${id}:${step}`) ?? null);
	}
}

/** The embedded reviser, behind the port of any chat model. */
function reviser(
	{ model: id, endpoint }: Settings,
	refuseAfter: number,
	pause: () => Promise<void>,
): ChatModel {
	let asked = 0;
	return {
		id,
		async complete(request): Promise<ChatReply> {
			await pause();
			if (asked++ >= refuseAfter)
				throw new RemoteError('api.example.org answered 401: invalid or expired key.', {
					code: 'endpoint-key-refused',
					hint: 'Enter a new key and resume, or choose another reviser.',
					context: { status: 401, endpoint: 'https://api.example.org/v1' },
				});
			if (endpoint !== 'embedded') request.onSent?.(sentTo(endpoint, id, request));
			const task = readRevisionRequest(request.messages);
			const revision = task === null ? null : reviseAnswer(task.prompt, task.output, request.sampling.seed);
			const text =
				revision === null ? 'I cannot help with that.' : revisionReply(revision.reasoning, revision.revised);
			return { text, finishReason: 'stop', tokens: 40, tokenIds: null };
		},
	};
}

type Settings = Parameters<AppPorts['reviser']>[0];

/** The request as the endpoint's adapter reports it. */
function sentTo(endpoint: string, model: string, { messages }: ChatRequest): SentRequest {
	const text = JSON.stringify({ model, messages });
	return {
		at: new Date().toISOString(),
		origin: new URL(endpoint).origin,
		path: '/v1/chat/completions',
		model,
		status: 200,
		sentBytes: text.length,
		receivedBytes: 4000,
		replyBytes: 160,
		usage: { promptTokens: 240, completionTokens: 40 },
		text,
	};
}

export function standInPorts(options: StandInOptions = {}): AppPorts & { store: MemoryStore } {
	const pause = options.pause ?? (() => Promise.resolve());
	const store = new MemoryStore();
	for (const run of options.runs ?? []) store.runs.set(run.id, run);
	let ids = 0;
	const kept = new Map<string, string>();
	// One counter for all models of the same endpoint: a new key restarts the count.
	return {
		newTarget: () => new StandInTarget(pause),
		rowReader: options.rowReader ?? wordReader(),
		models: new LocalModelKeeper({
			cache: openFileCache((globalThis as { caches?: FileStores }).caches),
			...(options.fetch === undefined ? {} : { fetch: options.fetch }),
		}),
		diskFiles: { chosen: chosenFiles, dropped: droppedFiles },
		newCompute: () =>
			new StandInCompute({ device: options.device ?? DEVICE, pause, failAt: options.failAt ?? null }),
		reviser: (settings, key) =>
			settings.model.startsWith('embedded-judge')
				? embeddedModel({ baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch }, settings.model)
				: reviser(
						settings,
						settings.endpoint === 'embedded' || key === 'good' ? Infinity : (options.refuseAfter ?? Infinity),
						pause,
					),
		offeredModels: options.offeredModels ?? (() => Promise.resolve([])),
		store,
		sets: new MemorySetStore(),
		grids: new MemoryGridStore(),
		storage: new FakeStorage(),
		hubSetting: { read: () => null, write: () => undefined },
		locks: {
			hold: () => Promise.resolve(() => undefined),
			held: () => Promise.resolve(new Set()),
			holdModel: () => () => undefined,
		},
		openModel: () => Promise.reject(new RemoteError('There is none.', { code: 'file-missing' })),
		catalogue: {
			libraries: () => Promise.resolve([]),
			list: () =>
				Promise.resolve([
					{
						id: 'anchor-1m',
						title: 'Anchor 1M',
						url: './models/anchor-1m/',
						library: { place: 'folder', file: 'lib.wasm', loraRank: 16 },
						parameters: 1e6,
						origin: { place: 'page' },
					},
				]),
		},
		readRunFile,
		recordedRun:
			options.recordedRun ??
			(() => Promise.reject(new RemoteError('There is none.', { code: 'recorded-run-missing' }))),
		clock: { now: () => performance.now(), date: () => '2026-11-22T10:00:00.000Z' },
		frame: (callback) => void requestAnimationFrame(callback),
		linkedRunFile: (address, signal, onProgress) => fetchLinkedRunFile(address, signal, onProgress),
		secure: false,
		sha256: (bytes) => digestOf('sha256', bytes),
		newId: () => `run-${++ids}`,
		versions: { anchorage: 'test' },
		tabMemory: {
			read: (name) => kept.get(name) ?? null,
			write: (name, value) => {
				if (value === null) kept.delete(name);
				else kept.set(name, value);
			},
		},
	};
}
