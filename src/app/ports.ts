/** Ports of the page's state: the core's ports, and a few that only a page has. Injected by the entry points. */
import type { SentRequest } from '#core/endpoint/sentRequest.ts';
import type {
	ChatModel,
	Clock,
	ComputeEngine,
	GridStore,
	ModelCatalogue,
	OfferedModel,
	RunStore,
	SetStore,
	TargetModel,
} from '#core/ports.ts';
import type { ModelKeeper, PlacedFile } from '#core/model/keeper.ts';
import type { ModelSource, OpenedModel } from '#core/model/model.ts';
import type { RowReader } from '#core/rowReader.ts';
import type { WireError } from '#core/errors.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { FetchedRunFile, RunFileProgress } from '#core/run/fileAddress.ts';
import type { ReadRun } from '#core/run/runFile.ts';

/** Calls back once, before the next paint (requestAnimationFrame; a timer if the page is hidden). */
export type Frame = (callback: () => void) => void;

/** Storage for keys that survive a reload of the tab (sessionStorage). */
export interface TabMemory {
	read(name: string): string | null;
	write(name: string, value: string | null): void;
}

/** Locks of runs across tabs: two tabs on one run would overwrite each other. */
export interface RunLocks {
	/** Locks a run until the returned function is called; null if another tab holds the lock. */
	hold(runId: string): Promise<(() => void) | null>;
	/** Runs that are active in any tab, including this one. */
	held(): Promise<ReadonlySet<string>>;
	/** Keeps other tabs from deleting a model until the returned function is called. */
	holdModel(modelId: string): () => void;
}

/** A setting that survives the visit. Null means its default. */
export interface Setting {
	read(): string | null;
	write(value: string | null): void;
}

export type StoredPartId = 'models' | 'measurements' | 'settings';

/** A part of the page's stored data beside the runs. */
export interface StoredPart {
	id: StoredPartId;
	bytes: number;
}

/** The browser's storage for this page, beside the runs. */
export interface PageStorage {
	/** Asks the browser to keep the data until the user deletes it. Null if it cannot be asked. */
	persist(): Promise<boolean | null>;
	/** The answer to the last request, without asking. */
	persisted(): Promise<boolean | null>;
	parts(): Promise<readonly StoredPart[]>;
	/** @throws StorageError */
	remove(id: StoredPartId): Promise<void>;
	/** Settings and measurements for an export. Never a key. */
	settings(): Promise<unknown>;
	/** Calls back when a worker went on without storage that the browser refused. Returns the function that ends it. */
	onRefusal(listener: (error: WireError) => void): () => void;
}

/** Files of models on disk, with their paths. */
export interface DiskFiles {
	/** Of a file or folder picker. */
	chosen(files: Iterable<File>): readonly PlacedFile[];
	/** Of a drop; call it in the event's own turn. @throws StorageError */
	dropped(items: DataTransferItemList): Promise<readonly PlacedFile[]>;
}

export interface AppPorts {
	/** A new WebLLM engine. Called at the first load and again after a lost device; never without WebGPU. */
	newTarget: () => TargetModel;
	/** A new compute worker. Called at the first use, and again after a crash or a lost device. */
	newCompute: () => ComputeEngine;
	rowReader: RowReader;
	/** Adds, lists and deletes the user's own models. */
	models: ModelKeeper;
	diskFiles: DiskFiles;
	/** Address of the hub or of its mirror; null for the public hub. */
	hubSetting: Setting;
	/** The model that revises, by the recipe's settings. `key` never leaves memory; null if there is none. */
	reviser: (settings: Recipe['reviser'], key: string | null) => ChatModel;
	/** The models that an endpoint offers. @throws RemoteError if it gives no list */
	offeredModels: (
		endpoint: string,
		key: string | null,
		signal: AbortSignal,
		onSent: (request: SentRequest) => void,
	) => Promise<readonly OfferedModel[]>;
	store: RunStore;
	/** Named sets of pairs. */
	sets: SetStore;
	/** Grids of runs. */
	grids: GridStore;
	storage: PageStorage;
	locks: RunLocks;
	catalogue: ModelCatalogue;
	/** Reads a model's small files and opens its weights. @throws RemoteError · FormatError */
	openModel: (source: ModelSource) => Promise<OpenedModel>;
	/** Reads a run file in a thread of its own; see core's `readRunFile`. */
	readRunFile: (bytes: Uint8Array<ArrayBuffer>, source: string) => Promise<ReadRun>;
	/** The file of a run that comes with the page, by its path; see library/recordings.ts. */
	recordedRun: (file: string) => Promise<Uint8Array<ArrayBuffer>>;
	/** Downloads a run file from an address. @throws RemoteError · FormatError if it is too large · Cancelled */
	linkedRunFile: (
		address: string,
		signal: AbortSignal,
		onProgress: (progress: RunFileProgress) => void,
	) => Promise<FetchedRunFile>;
	/** True if the page came over https. */
	secure: boolean;
	/** SHA-256 in lower-case hex. */
	sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
	clock: Clock;
	frame: Frame;
	/** A new run's id, unique in this browser. */
	newId: () => string;
	/** Versions of the app and its engines, as a run records them. */
	versions: Readonly<Record<string, string>>;
	/** Null if the browser has none. */
	tabMemory: TabMemory | null;
}
