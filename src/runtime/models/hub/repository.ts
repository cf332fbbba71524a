/** A repository of a hub: its files at one commit, and the forms of a model among them. */
import { expectForms, type ModelForm } from '#core/checkpoint/modelForms.ts';
import { AppError } from '#core/errors.ts';
import type { Fetch } from '../http/request.ts';
import type { RemoteFile } from '../transfer/remoteFile.ts';
import type { HubAddress } from './address.ts';
import { ask, type AskOptions, type HubAnswer } from './ask.ts';
import { gated, inHubWords, noRevision, notFound, pageOf, tooManyPages } from './failures.ts';
import { nextPage, readRevision, readTree, type ListedFile } from './listing.ts';

export interface HubRepository {
	/** `owner/name`. */
	name: string;
	/** For people. */
	page: string;
	/** The commit that all addresses name, so that a download never mixes two versions. */
	commit: string;
	/** True if the hub serves the files only to users who asked for access. */
	gated: boolean;
	/** Name of the licence in the model's card; null if it names none. */
	license: string | null;
	/** Address of the files at this commit, with a slash at the end; a `ModelSource` of MLC's files has it as its `url`. */
	folder: string;
	files: ReadonlyMap<string, RemoteFile>;
	/** At least one; GGUF files are one form each. */
	forms: readonly ModelForm[];
	/** Names an answer to a request for a file in the hub's terms: the download's `refusal`. */
	refusal: (response: Response) => AppError | null;
}

export interface HubOptions extends Partial<AskOptions> {
	signal: AbortSignal;
	fetch?: Fetch;
}

/** A page has 1,000 files. */
const MOST_PAGES = 50;

/**
 * Reads the list of a repository's files.
 *
 * @throws RemoteError `hub-not-found`, `hub-no-revision`, `hub-gated`, `hub-rate-limited`, `hub-busy`, `hub-unreachable`;
 *   FormatError `hub-answer`, `hub-listing-long`, `model-form-unknown`; Cancelled
 */
export async function openRepository(address: HubAddress, options: HubOptions): Promise<HubRepository> {
	const { hub, repository } = address;
	const api = `${hub}/api/models/${repository}`;
	const asking = { ...options, fetch: options.fetch ?? ((a: string, b?: RequestInit) => fetch(a, b)) };
	const get = (url: string): Promise<HubAnswer> =>
		ask(url, asking, (response) => refusalOf(address, response)).catch((error: unknown) => {
			throw error instanceof AppError ? inHubWords(error, hub, repository) : error;
		});

	const revisionUrl = `${api}/revision/${encodeURIComponent(address.revision ?? 'main')}`;
	const revision = readRevision((await get(revisionUrl)).json, revisionUrl);
	const { commit, license } = revision;
	const listed = await listFiles(`${api}/tree/${commit}`, repository, get);
	const folder = `${hub}/${repository}/resolve/${commit}/`;
	return {
		name: repository,
		page: pageOf(hub, repository),
		commit,
		gated: revision.gated,
		license,
		folder,
		files: new Map(listed.map((file) => [file.path, { ...file, address: folder + encodedPath(file.path) }])),
		forms: expectForms(listed, repository),
		refusal: (response) => fileRefusal(address, response),
	};
}

async function listFiles(
	tree: string,
	repository: string,
	get: (url: string) => Promise<HubAnswer>,
): Promise<readonly ListedFile[]> {
	const files = new Map<string, ListedFile>();
	let query: string | null = '?recursive=true';
	for (let page = 0; query !== null; page++) {
		if (page === MOST_PAGES) throw tooManyPages(repository, MOST_PAGES);
		const url: string = tree + query;
		const { json, headers }: HubAnswer = await get(url);
		for (const file of readTree(json, url)) files.set(file.path, file);
		query = nextPage(headers.get('link'));
	}
	return [...files.values()];
}

/** The files of a form, in its order, for a download. */
export function filesOf(repository: Pick<HubRepository, 'files'>, form: ModelForm): readonly RemoteFile[] {
	return form.paths.flatMap((path) => repository.files.get(path) ?? []);
}

function refusalOf(
	{ hub, repository, revision }: HubAddress,
	{ status, headers }: Response,
): AppError | null {
	const code = headers.get('x-error-code');
	if (code === 'RevisionNotFound') return noRevision(hub, repository, revision ?? 'main');
	if (code === 'GatedRepo' || status === 403) return gated(hub, repository, status);
	if (status === 401) return notFound(hub, repository, status);
	if (status !== 404 && status !== 410) return null;
	// A server that hides its error code answers 404 for both; with a revision, that is the more likely fault.
	return code === null && revision !== null
		? noRevision(hub, repository, revision)
		: notFound(hub, repository, status);
}

/** The listing was public, so that a refused file is one that users must ask for. */
function fileRefusal({ hub, repository }: HubAddress, { status }: Response): AppError | null {
	return status === 401 || status === 403 ? gated(hub, repository, status) : null;
}

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
