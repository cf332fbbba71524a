/**
 * Models that the user adds. A kept model is one folder of MLC's files in the browser's cache, made from
 * safetensors, a GGUF file or MLC's files, of a hub's repository, of a server or from disk. The worker implements the port.
 */
import type { TransferProgress } from '../checkpoint/transferRate.ts';
import type { WireError } from '../errors.ts';
import type { LibraryWeights } from './compiledLibrary.ts';
import type { NumberFormat } from '../format/numberFormat.ts';
import type { ModelLicense } from './license.ts';
import type { ModelConfig, ModelOrigin, ModelSource } from './model.ts';

/** A chosen or dropped file, with its path from the chosen folder's name on; a file alone has its name. */
export interface PlacedFile {
	path: string;
	file: Blob;
}

/** Where the user's model is. */
export type ModelPlace =
	/** The name of a repository (`owner/name`), or an address. `hub`: the hub or mirror that has it; default: the public hub. */
	{ kind: 'address'; text: string; hub?: string } | { kind: 'disk'; files: readonly PlacedFile[] };

/** One form of a model among the files of its place. */
export interface FormChoice {
	/** Unique in the place: `safetensors`, `Q8_0`, or a path. */
	id: string;
	/** `Q8_0 · 138.1 MB` */
	title: string;
	/** Bytes of its files. */
	bytes: number;
}

/** Files and model of a place, before anything large is read. */
export interface ModelInspection {
	/** Id of the model when it is kept; null for files on disk, whose digest is part of it. */
	id: string | null;
	title: string;
	origin: ModelOrigin;
	/** Null if the place names none. */
	license: ModelLicense | null;
	/** At least one, the easiest to load first. */
	forms: readonly FormChoice[];
	/** Id of the form that the fields below describe. */
	form: string;
	/** Bytes to download; 0 for files on disk. */
	downloadBytes: number;
	/** Bytes of the kept model's weights in the browser's cache; null if unknown. */
	keptBytes: number | null;
	/** Number format of the kept model's matrices; null if the model cannot be used here. */
	weights: NumberFormat | null;
	/** Forms of weights that the kept model can have for a compiled library: several if the conversion decides, none if no library has it. */
	libraryForms: readonly LibraryWeights[];
	/** Null if the model cannot be used here. */
	config: ModelConfig | null;
	/** Null if unknown. */
	parameters: number | null;
	/** Why the model cannot be used here; null if it can. */
	refusal: WireError | null;
}

export interface KeptModel {
	source: ModelSource;
	/** Bytes in the browser's cache. */
	bytes: number;
	license: ModelLicense | null;
	/** The form that it was made from: `Q8_0`. */
	form: string;
	config: ModelConfig;
	/** Form of the stored weights, which a compiled library must have; null if no library can have it. */
	libraryForm: LibraryWeights | null;
	/** Number format of its matrices. */
	weights: NumberFormat;
}

/** A model whose download or conversion did not end. Its finished parts are kept. */
export interface UnfinishedModel {
	id: string;
	title: string;
	/** For `keep`; null if the files must be chosen again. */
	place: ModelPlace | null;
	/** Id of the form. */
	form: string;
	/** Bytes of its source files. */
	bytes: number;
}

export interface ModelShelf {
	kept: readonly KeptModel[];
	unfinished: readonly UnfinishedModel[];
	/** Kept models that cannot be read, each with its reason. */
	damaged: readonly { id: string; error: WireError }[];
}

export type KeepPhase = 'downloading' | 'reading' | 'converting';

export interface KeepEvent {
	phase: KeepPhase;
	/** True after `pause`, until `resume`. */
	paused: boolean;
	progress: TransferProgress;
}

/** A model that is being added. */
export interface KeepControl {
	pause(): void;
	resume(): void;
	/** Ends it and deletes its parts; `finished` rejects with Cancelled. */
	cancel(): void;
	readonly finished: Promise<KeptModel>;
}

export interface ModelKeeper {
	/**
	 * @param form id of a form; null takes the form in the place's address, or a good one
	 * @throws RemoteError and FormatError in the terms of the place; Cancelled
	 */
	inspect(place: ModelPlace, form: string | null, signal: AbortSignal): Promise<ModelInspection>;
	/** Downloads what is missing, converts it shard by shard, and lists the model. After a reload it goes on where it was. */
	keep(place: ModelPlace, form: string, onEvent: (event: KeepEvent) => void): KeepControl;
	/**
	 * Asks a hub, or a mirror of one, whether it answers as a hub.
	 *
	 * @returns its address as the other calls take it
	 * @throws FormatError `hub-address`, `hub-answer`; RemoteError `hub-unreachable`, `hub-busy`; Cancelled
	 */
	checkHub(address: string, signal: AbortSignal): Promise<string>;
	shelf(): Promise<ModelShelf>;
	/** Deletes all files of a kept or unfinished model. */
	remove(id: string): Promise<void>;
}
