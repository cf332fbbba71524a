/**
 * Small working doubles of the ports, for tests of the app's classes: deterministic, no browser, no engine.
 */
import { digestOf } from '#runtime/models/digest.ts';
import { summaryOf } from '#runtime/storage/summary.ts';
import { fetchLinkedRunFile } from '#runtime/storage/linkedRunFile.ts';
import type { AppPorts, PageStorage, StoredPart, StoredPartId } from '#app/ports.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import {
	Cancelled,
	DeviceError,
	RemoteError,
	ShapeError,
	StorageError,
	type WireError,
} from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type {
	ChatModel,
	ChatReply,
	ChatRequest,
	Clock,
	Progress,
	RunStore,
	StoreSurvey,
	TargetModel,
	TrainerState,
} from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { readRevisionRequest, revisionReply } from '#core/revision/request.ts';
import { nextEdition } from '#core/run/edition.ts';
import { readRunFile } from '#core/run/runFile.ts';
import type { DamagedRun, RunRecord, RunSummary } from '#core/run/run.ts';
import { reviseAnswer } from '#core/world/tiny/revise.ts';
import { FakeCompute, fakeReply, FLAWED, rightAnswer } from './fakeCompute.ts';
import { chosenFiles } from '#runtime/models/disk/diskModel.ts';
import { droppedFiles } from '#runtime/models/disk/droppedFiles.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { MemoryGridStore } from './gridStore.ts';
import { freeLocks } from './freeLocks.ts';
import { wordReader } from './rowReader.ts';
import { MemorySetStore } from './setStore.ts';

/** A clock that advances a little at each reading. */
export class FakeClock implements Clock {
	time = 0;
	now(): number {
		this.time += 10;
		return this.time;
	}
	date(): string {
		return '2026-11-22T10:00:00.000Z';
	}
}

/** Holds frame callbacks until `paint`. */
export class ManualFrames {
	#waiting: (() => void)[] = [];
	readonly frame = (callback: () => void): void => void this.#waiting.push(callback);
	paint(): number {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const callback of waiting) callback();
		return waiting.length;
	}
}

/** Runs every frame callback at once. */
export const atOnce = (callback: () => void): void => callback();

const lastUser = (request: ChatRequest): string => request.messages.at(-1)?.content ?? '';

/** A model in place of WebLLM: flawed without an adapter, right with one. */
export class FakeTarget implements TargetModel {
	readonly id = 'fake-target';
	loads = 0;
	/** Adapters written, in order: step (null: none) and strength. */
	written: { step: number | null; strength: number }[] = [];
	asked: ChatRequest[] = [];
	/** Prompts for which it throws. */
	failFor = new Set<string>();
	/** Called before each answer; a returned promise delays the answer. */
	before: (request: ChatRequest) => Promise<void> | void = () => undefined;
	/** False answers flawed with an adapter too. */
	learns = true;
	#on = false;
	#disposed = false;

	load(_source: ModelSource, onProgress: (progress: Progress) => void): Promise<void> {
		this.loads++;
		this.#disposed = false;
		onProgress({ phase: 'weights', done: 1, total: 1 });
		return Promise.resolve();
	}
	setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		this.written.push({ step: adapter?.step ?? null, strength });
		this.#on = this.learns && adapter !== null && strength > 0;
		return Promise.resolve();
	}
	async complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (text: string) => void,
	): Promise<ChatReply> {
		this.asked.push(request);
		if (this.#disposed) throw new ShapeError('No model is loaded.', { code: 'webllm-no-model' });
		await this.before(request);
		if (signal.aborted) throw new Cancelled();
		const prompt = lastUser(request);
		if (this.failFor.has(prompt)) throw new DeviceError('The engine broke.', { code: 'engine-broke' });
		const text = this.#on ? rightAnswer(prompt) : FLAWED;
		onText?.(text.slice(0, 4));
		return fakeReply(text);
	}
	/** Later loads reuse this double, so it answers again after the next load. */
	dispose(): Promise<void> {
		this.#disposed = true;
		return Promise.resolve();
	}
}

/** A reviser that knows the world's rubric and replies in CLAIR's form. */
export class FakeReviser implements ChatModel {
	readonly id = 'fake-reviser';
	asked = 0;
	/** Error to throw instead of an answer, by the number of the request (from 1). */
	failAt: (n: number) => Error | null = () => null;
	/** Replaces the text of the reply. */
	replyWith: ((prompt: string, output: string) => string) | null = null;
	before: () => Promise<void> | void = () => undefined;

	async complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (text: string) => void,
	): Promise<ChatReply> {
		const n = ++this.asked;
		await this.before();
		if (signal.aborted) throw new Cancelled();
		const failure = this.failAt(n);
		if (failure !== null) throw failure;
		const task = readRevisionRequest(request.messages);
		if (task === null) return fakeReply('ready');
		const custom = this.replyWith?.(task.prompt, task.output);
		if (custom !== undefined) return fakeReply(custom);
		const revision = reviseAnswer(task.prompt, task.output, request.sampling.seed);
		const text = revisionReply(revision?.reasoning ?? 'Fine.', revision?.revised ?? `${task.output} Yes.`);
		onText?.(text.slice(0, 10));
		return fakeReply(text);
	}
}

/** A store in memory that copies as IndexedDB does: uncloneable values fail here too. */
export class FakeStore implements RunStore {
	runs = new Map<string, RunRecord>();
	checkpoints = new Map<string, { adapter: Adapter; state: TrainerState | null }>();
	writes = 0;
	/** Thrown by every write. */
	error: Error | null = null;
	/** Runs that cannot be listed. */
	broken: readonly DamagedRun[] = [];
	sweeps = 0;
	readonly #onRemoved = new Set<(id: string) => void>();

	survey(): Promise<StoreSurvey> {
		const rows = [...this.runs.values()].map((run) => summaryOf(run, 1));
		const runs: readonly RunSummary[] = rows.map((row) => ({ ...row, before: null, after: null }));
		return Promise.resolve({ runs, damaged: this.broken, quota: 1000 });
	}
	read(id: string): Promise<RunRecord | null> {
		return Promise.resolve(structuredClone(this.runs.get(id) ?? null));
	}
	write(run: RunRecord): Promise<number> {
		this.writes++;
		return Promise.resolve(structuredClone(run)).then((copy) => {
			if (this.error !== null) throw this.error;
			const next = nextEdition(copy, this.runs.get(run.id));
			this.runs.set(run.id, next);
			return next.edition;
		});
	}
	async rename(id: string, name: string): Promise<void> {
		const run = await this.read(id);
		if (run !== null) this.runs.set(id, { ...run, name });
	}
	readText(id: string): Promise<string | null> {
		const run = this.runs.get(id);
		return Promise.resolve(run === undefined ? null : JSON.stringify(run));
	}
	remove(id: string): Promise<void> {
		this.runs.delete(id);
		this.broken = this.broken.filter((run) => run.id !== id);
		for (const key of this.checkpoints.keys()) if (key.startsWith(`${id}/`)) this.checkpoints.delete(key);
		for (const listener of this.#onRemoved) listener(id);
		return Promise.resolve();
	}
	onRemoved(listener: (id: string) => void): () => void {
		this.#onRemoved.add(listener);
		return () => void this.#onRemoved.delete(listener);
	}
	sweep(): Promise<void> {
		this.sweeps++;
		return Promise.resolve();
	}
	writeCheckpoint(id: string, adapter: Adapter, state: TrainerState | null): Promise<void> {
		if (this.error !== null) return Promise.reject(this.error);
		if (!this.runs.has(id))
			return Promise.reject(new StorageError('The run is not stored.', { code: 'run-not-stored' }));
		this.checkpoints.set(`${id}/${adapter.step}`, structuredClone({ adapter, state }));
		return Promise.resolve();
	}
	readCheckpoint(id: string, step: number) {
		return Promise.resolve(structuredClone(this.checkpoints.get(`${id}/${step}`) ?? null));
	}
}

/** Stored data beside the runs. */
export class FakeStorage implements PageStorage {
	sizes = new Map<StoredPartId, number>([
		['models', 4e6],
		['measurements', 300],
		['settings', 20],
	]);
	asked = 0;
	answer: boolean | null = true;
	refuse: (error: WireError) => void = () => undefined;

	persist(): Promise<boolean | null> {
		this.asked++;
		return Promise.resolve(this.answer);
	}
	persisted(): Promise<boolean | null> {
		return Promise.resolve(this.asked > 0 ? this.answer : false);
	}
	parts(): Promise<readonly StoredPart[]> {
		return Promise.resolve([...this.sizes].map(([id, bytes]) => ({ id, bytes })));
	}
	remove(id: StoredPartId): Promise<void> {
		this.sizes.set(id, 0);
		return Promise.resolve();
	}
	settings(): Promise<unknown> {
		return Promise.resolve({ display: { 'anchorage-theme': 'dark' } });
	}
	onRefusal(listener: (error: WireError) => void): () => void {
		this.refuse = listener;
		return () => undefined;
	}
}

export const SOURCE: ModelSource = {
	id: 'anchor-1m',
	title: 'Anchor 1M',
	url: '/models/anchor-1m/',
	library: { place: 'folder', file: 'lib.wasm', loraRank: 16 },
	parameters: 1_000_000,
	origin: { place: 'page' },
};

/** A recipe that finishes in milliseconds. */
export const SMALL: Recipe = {
	...DEFAULT_RECIPE,
	prompts: { ...DEFAULT_RECIPE.prompts, count: 12 },
	reviser: { ...DEFAULT_RECIPE.reviser, concurrency: 2 },
	training: { ...DEFAULT_RECIPE.training, steps: 8, batchPairs: 2, checkpointEvery: 4, evaluateEvery: 4 },
	evaluation: { ...DEFAULT_RECIPE.evaluation, count: 8 },
};

export interface Fakes {
	ports: AppPorts;
	target: FakeTarget;
	compute: FakeCompute;
	/** All created engines, including the first. */
	computes: FakeCompute[];
	reviser: FakeReviser;
	store: FakeStore;
	sets: MemorySetStore;
	clock: FakeClock;
	/** Keys that the reviser was created with. */
	keys: (string | null)[];
}

export function createFakes(store = new FakeStore()): Fakes {
	const target = new FakeTarget();
	const compute = new FakeCompute();
	const computes: FakeCompute[] = [];
	const reviser = new FakeReviser();
	const clock = new FakeClock();
	const keys: (string | null)[] = [];
	const sets = new MemorySetStore();
	let ids = store.runs.size;
	const ports: AppPorts = {
		newTarget: () => target,
		rowReader: wordReader(),
		models: new LocalModelKeeper({ cache: openFileCache() }),
		diskFiles: { chosen: chosenFiles, dropped: droppedFiles },
		newCompute: () => {
			const made = computes.length === 0 ? compute : new FakeCompute();
			computes.push(made);
			return made;
		},
		reviser: (_settings, key) => {
			keys.push(key);
			return reviser;
		},
		offeredModels: () => Promise.resolve([{ id: SMALL.reviser.model, price: null }]),
		store,
		sets,
		grids: new MemoryGridStore(),
		storage: new FakeStorage(),
		hubSetting: { read: () => null, write: () => undefined },
		locks: freeLocks(),
		catalogue: { list: () => Promise.resolve([SOURCE]), libraries: () => Promise.resolve([]) },
		openModel: () => Promise.reject(new RemoteError('There is none.', { code: 'file-missing' })),
		readRunFile,
		recordedRun: () => Promise.reject(new RemoteError('There is none.', { code: 'recorded-run-missing' })),
		clock,
		frame: atOnce,
		linkedRunFile: (address, signal, onProgress) => fetchLinkedRunFile(address, signal, onProgress),
		secure: false,
		sha256: (bytes) => digestOf('sha256', bytes),
		newId: () => `run-${++ids}`,
		versions: { anchorage: 'test' },
		tabMemory: null,
	};
	return { ports, target, compute, computes, reviser, store, sets, clock, keys };
}
