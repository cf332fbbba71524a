/** A repository of a hub at one commit. */
import { formIds } from '#core/checkpoint/formIds.ts';
import { wantedForm } from '#core/checkpoint/modelForms.ts';
import { FormatError } from '#core/errors.ts';
import type { ModelLicense } from '#core/model/license.ts';
import type { Fetch } from '../http/request.ts';
import { DEFAULT_HUB, type HubAddress } from '../hub/address.ts';
import { filesOf, openRepository, type HubRepository } from '../hub/repository.ts';
import type { OpenPlace } from './place.ts';
import { rangeSource } from './rangeSource.ts';

/**
 * @param options.hub the hub that the user set: names of its repositories stay valid if another one is set
 * @throws like `openRepository`
 */
export async function hubPlace(
	address: HubAddress,
	{ fetch, signal, hub }: { fetch: Fetch; signal: AbortSignal; hub: string },
): Promise<OpenPlace> {
	const repository = await openRepository(address, { fetch, signal });
	const { name, commit, page, files, refusal } = repository;
	return {
		title: name,
		origin: { place: 'hub', repository: name, commit, page },
		address:
			address.hub === DEFAULT_HUB || address.hub === hub ? `${name}@${commit}` : `${page}/tree/${commit}`,
		license: licenseOf(repository),
		forms: formIds(repository.forms),
		wanted: wantedForm(repository.forms, address),
		peek: (path) => {
			const file = files.get(path);
			if (file === undefined) throw missing(name, path);
			return rangeSource(file, fetch, refusal);
		},
		remote: { files: (form) => filesOf(repository, form), refusal },
	};
}

function licenseOf({ license, page, commit, files }: HubRepository): ModelLicense | null {
	if (license === null) return null;
	const own = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'USE_POLICY.md'].find((path) => files.has(path));
	return { name: license, address: own === undefined ? page : `${page}/blob/${commit}/${own}` };
}

function missing(name: string, path: string): FormatError {
	return new FormatError(`${name} has no ${path}.`, {
		code: 'model-file-missing',
		hint: 'The repository is incomplete. Look for another one of the same model.',
		context: { name, path },
	});
}
