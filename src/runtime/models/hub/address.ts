/** The name of a repository as users write or paste it. */
import { FormatError } from '#core/errors.ts';
import { visible } from '#core/format/visible.ts';

export interface HubAddress {
	/** Address of the hub without a slash at the end. */
	hub: string;
	/** `owner/name`, or the one word of an old repository. */
	repository: string;
	/** Branch, tag or commit; null for the main branch. */
	revision: string | null;
	/** The file that the address points at; null if it points at the repository. */
	file: string | null;
	/** The quantization after a colon, as llama.cpp writes it: `owner/name:Q4_K_M`; else null. */
	quantization: string | null;
}

export const DEFAULT_HUB = 'https://huggingface.co';

/** Addresses of the public hub. A mirror that the user set replaces them. */
const PUBLIC_HOSTS: ReadonlySet<string> = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co']);
const LONGEST = 500;
/** One part of a repository's name, by the hub's rules. */
const NAME = /^[A-Za-z0-9_][\w.-]{0,95}$/;
const REVISION = /^[\w.][\w./+-]{0,199}$/;
const QUANTIZATION = /^[\w.-]{1,40}$/;
/** Paths of the hub that follow the name of a repository. */
const VIEWS: ReadonlySet<string> = new Set([
	'tree',
	'blob',
	'resolve',
	'raw',
	'commit',
	'commits',
	'discussions',
	'settings',
]);
const OTHER_KINDS: Readonly<Record<string, string>> = {
	datasets: 'a dataset',
	spaces: 'a Space',
	collections: 'a collection',
	papers: 'a paper',
	docs: 'a page of the documentation',
	blog: 'a page of the blog',
	search: 'a page of search results',
};

/**
 * @param text `owner/name`, `owner/name@revision`, `hf://owner/name`, or the address of a page or file of the repository
 * @param hub  the hub that the user set; an address on another server has its own
 * @throws FormatError `hub-address`, `hub-not-model`
 */
export function readHubAddress(text: string, hub: string = DEFAULT_HUB): HubAddress {
	const cleaned = withoutEnd(unwrapped(pasted(unwrapped(text))));
	if (cleaned.length > LONGEST) throw notAnAddress(text);
	const base = readHub(hub);
	const url = asUrl(cleaned.replace(/^hf:\/\//i, ''), base);
	const place = url === null ? { hub: base, path: cleaned.replace(/^hf:\/\//i, '') } : placeOf(url, base);
	return readPath(place.hub, place.path, text);
}

/**
 * The address of a hub, without a slash at the end.
 *
 * @throws FormatError `hub-address`
 */
export function readHub(text: string): string {
	const trimmed = unwrapped(text);
	const whole = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
	if (trimmed.length > LONGEST || !URL.canParse(whole)) throw notAHub(text);
	const { origin, pathname } = new URL(whole);
	return `${origin}${pathname}`.replace(/\/{1,500}$/, '');
}

function unwrapped(text: string): string {
	return (
		visible(text.slice(0, 2 * LONGEST))
			.replace(/^[<"'`“]{1,3}|[>"'`”]{1,3}$/g, '')
			// A field that begins with https:// into which a whole address was pasted.
			.replace(/^(?:https?:\/\/){1,9}(?=https?:\/\/)/i, '')
	);
}

const IN_BRACKETS = /\(\s{0,4}["']?(?<inside>[^()"'\s]{1,500})["']?\s{0,4}\)$/;

/** The only name in a command (`git clone …`), a link of Markdown or a call of Python; other texts are returned as they are. */
function pasted(text: string): string {
	const inside = IN_BRACKETS.exec(text)?.groups?.['inside'];
	if (inside?.includes('/') === true) return inside;
	const words = text.split(/\s+/);
	const [only, second] = words.filter((word) => word.includes('/') && /^[^-.~]/.test(word));
	// A command has a program and an action in front of the name.
	return only !== undefined && second === undefined && words.indexOf(only) > 1 ? only : text;
}

/** Without the end of a sentence and `.git`, in which no name ends; Git's own form of an address becomes one of the web. */
function withoutEnd(text: string): string {
	return text
		.replace(/(?<!\.)[.,;!?]$/, '')
		.replace(/\.git$/i, '')
		.replace(/^git@([\w.-]{1,100}):/, 'https://$1/');
}

/** The text as an address if it has a scheme, or starts with a host; null for a name. */
function asUrl(text: string, base: string): URL | null {
	const [first = '', ...rest] = text.split('/');
	const isHost =
		PUBLIC_HOSTS.has(first.toLowerCase()) ||
		first === new URL(base).host ||
		(rest.length > 1 && /[a-z\d]\.[a-z\d]/i.test(first) && !VIEWS.has(rest[1] ?? ''));
	const whole = /^https?:\/\//i.test(text) ? text : isHost ? `https://${text}` : null;
	return whole !== null && URL.canParse(whole) ? new URL(whole) : null;
}

function placeOf(url: URL, base: string): { hub: string; path: string } {
	const address = `${url.origin}${url.pathname}`;
	if (address.startsWith(`${base}/`)) return { hub: base, path: address.slice(base.length + 1) };
	const { host, pathname } = new URL(base);
	if (url.host === host && pathname === '/') return { hub: base, path: url.pathname.slice(1) };
	return { hub: PUBLIC_HOSTS.has(url.host) ? base : url.origin, path: url.pathname.slice(1) };
}

function readPath(hub: string, path: string, text: string): HubAddress {
	const [bare, quantization] = cutAt(path, ':');
	const [named, at] = cutAt(bare, '@');
	const all = named.split('/').filter((segment) => segment !== '');
	const segments = all[0] === 'api' && all[1] === 'models' ? all.slice(2) : all;
	const kind = otherKind(segments);
	if (kind !== null) throw notAModel(text, kind);
	const length = segments[1] === undefined || VIEWS.has(segments[1]) ? 1 : 2;
	const [view, ...rest] = segments.slice(length).map(decoded);
	const name = segments.slice(0, length);
	const { revision, file } = readView(view, rest, at);
	const isRight = isName(name) && isRevision(revision) && QUANTIZATION.test(quantization ?? 'none');
	if (!isRight) throw notAnAddress(text);
	return { hub, repository: name.join('/'), revision, file, quantization };
}

/** The kind of page that a path of the hub shows instead of one model; null for a model's. One word can be an old repository. */
function otherKind(segments: readonly string[]): string | null {
	const [first = '', second] = segments;
	if (second === undefined) return first === 'models' ? 'a list of models' : null;
	return OTHER_KINDS[first] ?? null;
}

function isName(parts: readonly string[]): boolean {
	return parts.length > 0 && parts.every((part) => NAME.test(part) && !part.includes('..'));
}

function isRevision(text: string | null): boolean {
	return text === null || (REVISION.test(text) && !text.includes('..'));
}

function readView(
	view: string | undefined,
	rest: readonly string[],
	at: string | null,
): Pick<HubAddress, 'revision' | 'file'> {
	if (view === undefined || view === 'discussions' || view === 'settings' || !VIEWS.has(view))
		return { revision: at, file: null };
	// A pull request's revision has slashes: refs/pr/1.
	const length = rest[0] === 'refs' ? 3 : 1;
	const revision = rest.slice(0, length).join('/');
	const file = rest.slice(length).join('/');
	const isFile = file !== '' && (view === 'blob' || view === 'resolve' || view === 'raw');
	return { revision: revision === '' ? null : revision, file: isFile ? file : null };
}

function cutAt(text: string, sign: string): [before: string, after: string | null] {
	const at = text.indexOf(sign);
	if (at < 0) return [text, null];
	return [text.slice(0, at), text.slice(at + 1) || null];
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		// Stray percent signs stay, and the checks refuse them.
		return segment;
	}
}

const shown = (text: string): string => visible(text.slice(0, 80));

function notAnAddress(text: string): FormatError {
	return new FormatError(`“${shown(text)}” is not the name of a model’s repository.`, {
		code: 'hub-address',
		hint: 'Write owner/name, such as HuggingFaceTB/SmolLM2-135M-Instruct, or paste the address of the model’s page.',
	});
}

function notAHub(text: string): FormatError {
	return new FormatError(`“${shown(text)}” is not the address of a hub.`, {
		code: 'hub-address',
		hint: `Write the address of the hub or of its mirror, such as ${DEFAULT_HUB}.`,
	});
}

function notAModel(text: string, kind: string): FormatError {
	return new FormatError(`“${shown(text)}” is ${kind}, not a model.`, {
		code: 'hub-not-model',
		hint: 'Open the page of one model and paste its address, or write owner/name.',
	});
}
