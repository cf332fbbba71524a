/**
 * Ids of kept models. The id says where the model comes from, so that a run whose model is not kept here can say what it
 * wants: `owner/name@commit:form` for a repository, `disk:name@digest:form` for files.
 */
import type { ModelOrigin } from './model.ts';

/** @param form   id of the form
 *  @param digest of the files on disk; the other places need none */
export function keptId(origin: Exclude<ModelOrigin, { place: 'page' }>, form: string, digest = ''): string {
	if (origin.place === 'hub') return `${origin.repository}@${origin.commit}:${form}`;
	if (origin.place === 'server') return `${origin.address}:${form}`;
	return `disk:${origin.name}@${digest.slice(0, DIGEST_DIGITS)}:${form}`;
}

const DIGEST_DIGITS = 16;
const REPOSITORY = /^([^\s@:]{1,200})@([0-9a-f]{40}):(.{1,500})$/;
const DISK = /^disk:(.{1,500})@[0-9a-f]{16}:(.{1,500})$/;

/** How to get a model that is not kept here. */
export interface WantedModel {
	/** For people: `owner/name, Q8_0`. */
	name: string;
	/** Text for the field that adds a model; null if only files can give it. */
	address: string | null;
}

/** Null if the id is not one of a kept model. */
export function wantedModel(id: string): WantedModel | null {
	const [, repository, commit, form] = REPOSITORY.exec(id) ?? [];
	if (repository !== undefined && commit !== undefined && form !== undefined)
		return { name: `${repository}, ${form}`, address: `${repository}@${commit}:${form}` };
	if (/^https?:\/\//.test(id)) {
		const address = id.slice(0, id.lastIndexOf(':'));
		return { name: address, address };
	}
	const [, name, kind] = DISK.exec(id) ?? [];
	return name === undefined || kind === undefined ? null : { name: `${name}, ${kind}`, address: null };
}
