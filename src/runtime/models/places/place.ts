/** A place with a model, opened: its files are listed, and nothing large is read. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import type { ModelForm } from '#core/checkpoint/modelForms.ts';
import type { AppError } from '#core/errors.ts';
import type { ModelLicense } from '#core/model/license.ts';
import type { ModelOrigin } from '#core/model/model.ts';
import type { RemoteFile } from '../transfer/remoteFile.ts';

export interface OpenPlace {
	title: string;
	origin: Exclude<ModelOrigin, { place: 'page' }>;
	/** Text that opens the same files at another visit; null for files on disk. */
	address: string | null;
	license: ModelLicense | null;
	/** By their ids, the easiest to load first. */
	forms: ReadonlyMap<string, ModelForm>;
	/** The form that the address names; null if it names none. */
	wanted: ModelForm | null;
	/** The bytes of one file, to look into: nothing is stored. */
	peek: (path: string) => ByteSource;
	/** The files to download; null for files on disk. */
	remote: RemotePlace | null;
}

export interface RemotePlace {
	files: (form: ModelForm) => readonly RemoteFile[];
	/** Names an answer in the place's own terms; absent if there are none. */
	refusal?: (response: Response) => AppError | null;
}
