/** Refusals of a hub, in words, with what the user can do. */
import { type AppError, FormatError, RemoteError } from '#core/errors.ts';

/** The page of a repository, where users read its terms and ask for access. */
export const pageOf = (hub: string, repository: string): string => `${hub}/${repository}`;

/** The hub answers 401 alike for a repository that does not exist and for one that is private. */
export function notFound(hub: string, repository: string, status: number): RemoteError {
	const page = pageOf(hub, repository);
	return new RemoteError(`There is no repository ${repository} on ${hub}, or it is not public.`, {
		code: 'hub-not-found',
		hint: `Check the name, with capital letters, at ${page}. Files of a private repository can be downloaded there and opened as a folder.`,
		context: { repository, page, status },
	});
}

export function noRevision(hub: string, repository: string, revision: string): RemoteError {
	const page = pageOf(hub, repository);
	return new RemoteError(`${repository} has no branch, tag or commit named ${revision}.`, {
		code: 'hub-no-revision',
		hint: `Leave it out to take the main branch, or choose one at ${page}/tree/main.`,
		context: { repository, page, revision },
	});
}

export function gated(hub: string, repository: string, status: number): RemoteError {
	const page = pageOf(hub, repository);
	return new RemoteError(`${repository} gives its files only to users who asked for access.`, {
		code: 'hub-gated',
		hint: `Ask for access on the model’s page, ${page}. This page sends no login: when you have access, download the files there and open them as a folder.`,
		context: { repository, page, status },
	});
}

export function tooManyPages(repository: string, pages: number): FormatError {
	return new FormatError(`The list of files of ${repository} has more than ${pages} pages.`, {
		code: 'hub-listing-long',
		hint: 'Such a repository holds data rather than one model. Copy the model’s files to a repository of their own.',
		context: { repository, pages },
	});
}

/** Words for a hub in place of those for one file; other errors are returned as they are. */
export function inHubWords(error: AppError, hub: string, repository: string): AppError {
	const { code, context, cause } = error;
	const page = pageOf(hub, repository);
	if (code === 'model-unreachable')
		return new RemoteError(`${hub} could not be reached.`, {
			code: 'hub-unreachable',
			hint: `Open ${page} in another tab. If it does not load either, check the connection, or set a mirror under “Where the files come from”. If it loads, the hub does not let other pages read it (CORS), or an extension blocks it: allow it, or download the files and open them as a folder.`,
			context: { ...context, page },
			cause,
		});
	if (code === 'model-busy') {
		const seconds = context['retryAfterSeconds'];
		const wait = typeof seconds === 'number' ? `${Math.ceil(seconds)} seconds` : 'a few minutes';
		const isLimit = context['status'] === 429;
		return new RemoteError(
			isLimit ? `${hub} allows no more requests from this connection for now.` : error.message,
			{
				code: isLimit ? 'hub-rate-limited' : 'hub-busy',
				hint: `Wait ${wait}, then go on; all parts are kept.`,
				context: { ...context, page },
				cause,
			},
		);
	}
	if (code === 'model-file-html')
		return new FormatError(`${hub} answered with a web page, not as a hub does.`, {
			code: 'hub-answer',
			hint: 'Check the address of the hub: its answers should be those of huggingface.co/api. A network’s login page may also answer in its place.',
			context: { ...context, page },
			cause,
		});
	return error;
}
