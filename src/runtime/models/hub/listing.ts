/**
 * The hub's answers about a repository: its commit, and the pages of its list of files. Documented at
 * https://huggingface.co/docs/hub/api; a large file has the SHA-256 of Git LFS, any other file the id of its Git blob.
 */
import * as v from 'valibot';
import { FormatError } from '#core/errors.ts';
import type { Digest } from '../digest.ts';

const sha1 = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/i, 'it should be 40 hexadecimal digits'));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/i, 'it should be 64 hexadecimal digits'));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const revisionSchema = v.looseObject({
	/** Canonical name; it differs from the asked one if the repository was renamed. */
	id: v.optional(v.string()),
	sha: sha1,
	/** `"auto"` or `"manual"` if users must ask for access. */
	gated: v.optional(v.union([v.boolean(), v.string()]), false),
	/** The head of the model's card. */
	cardData: v.nullish(v.fallback(v.looseObject({ license: v.optional(v.string()) }), {})),
});

export interface Revision {
	/** Commit that the branch or tag names now. */
	commit: string;
	/** True if the hub serves the files only to users who asked for access. */
	gated: boolean;
	/** Name of the licence in the model's card: `apache-2.0`; null if it names none. */
	license: string | null;
}

const entrySchema = v.looseObject({
	type: v.string(),
	path: v.pipe(v.string(), v.check(isInside, 'it should be a path inside the repository')),
	size,
	oid: v.optional(v.string()),
	lfs: v.nullish(v.looseObject({ oid: v.string(), size })),
});

export interface ListedFile {
	path: string;
	size: number;
	/** Null if the listing gives none that can be checked. */
	digest: Digest | null;
}

/** A path of folders and a name, without anything that leaves the repository or that a browser reads in another way. */
function isInside(path: string): boolean {
	return (
		path.length <= 500 &&
		!/[\p{Cc}\\]/u.test(path) &&
		path.split('/').every((part) => part !== '' && !/^\.{1,2}$/.test(part))
	);
}

/** @throws FormatError `hub-answer` */
export function readRevision(json: unknown, address: string): Revision {
	const parsed = v.safeParse(revisionSchema, json);
	if (!parsed.success) throw unusable(address, parsed.issues[0]);
	const { sha, gated, cardData } = parsed.output;
	return { commit: sha.toLowerCase(), gated: gated !== false, license: cardData?.license ?? null };
}

/**
 * The files of one page. Folders, and files whose names no address can carry, are left out.
 *
 * @throws FormatError `hub-answer` if it is no list
 */
export function readTree(json: unknown, address: string): readonly ListedFile[] {
	const parsed = v.safeParse(v.array(v.unknown()), json);
	if (!parsed.success) throw unusable(address, parsed.issues[0]);
	return parsed.output.flatMap((item) => {
		const entry = v.safeParse(entrySchema, item);
		if (!entry.success || entry.output.type !== 'file') return [];
		const { path, lfs, size: own } = entry.output;
		return [{ path, size: lfs?.size ?? own, digest: digestOf(entry.output) }];
	});
}

function digestOf({ lfs, oid }: v.InferOutput<typeof entrySchema>): Digest | null {
	if (lfs !== null && lfs !== undefined)
		return v.is(sha256, lfs.oid) ? { algorithm: 'sha256', hex: lfs.oid.toLowerCase() } : null;
	return v.is(sha1, oid) ? { algorithm: 'git-sha1', hex: oid.toLowerCase() } : null;
}

/** The query of the next page in a Link header (RFC 8288); null at the last page. */
export function nextPage(link: string | null): string | null {
	if (link === null) return null;
	for (const part of link.slice(0, 8000).split(/,\s{0,9}(?=<)/)) {
		const [, target = '', parameters = ''] = /^\s{0,9}<([^>]*)>(.*)$/s.exec(part) ?? [];
		if (!/;\s{0,9}rel="?next"?/i.test(parameters)) continue;
		// Only the query counts: a mirror may name the pages of the hub behind it.
		const query = target.indexOf('?');
		return query < 0 ? null : target.slice(query);
	}
	return null;
}

function unusable(address: string, issue: v.BaseIssue<unknown>): FormatError {
	const path = v.getDotPath(issue) ?? 'its content';
	return new FormatError(
		`${address} gave an answer that is no description of a model: ${path}: ${issue.message}.`,
		{
			code: 'hub-answer',
			hint: 'Check the address of the hub: its answers should be those of huggingface.co/api.',
			context: { address, path },
		},
	);
}
