/**
 * A grid as a link: compressed in the fragment of the page's address, which browsers never send to a server. Settings only: no
 * results, and of an endpoint's address only scheme, host and path.
 */
import { asAppError, FormatError } from '../errors.ts';
import { expectKnownForm, packedLink, readPackedLink, type LinkKind } from '../format/packedLink.ts';
import { isRecord } from '../format/record.ts';
import { publicAddress } from '../recipe/endpoint.ts';
import { withoutSecrets } from '../recipe/link.ts';
import { readGrid, type Grid, type NamedCell } from './grid.ts';
import { gridJson } from './json.ts';
import { gridRuns } from './runs.ts';

/** A grid of a few settings takes about 900 characters; one of 200 named cells less than 20,000. */
export const GRID_LINK_LIMITS = {
	characters: 32 * 1024,
	bytes: 256 * 1024,
	depth: 16,
	values: 20_000,
} as const;
/** The form of `gridJson`. */
const FORM = 1;
const ASK_AGAIN = 'Ask for the link again, or for the grid as a file. Your own grids are unchanged.';
const KIND: LinkKind = {
	prefix: '#grid=',
	limits: GRID_LINK_LIMITS,
	source: 'The grid in this link',
	usual: 'a grid is a few settings',
	hint: ASK_AGAIN,
};

/** @param page the page's address; its fragment is replaced */
export function gridLink(grid: Grid, page: string): Promise<string> {
	return packedLink(KIND, gridJson(publicGrid(grid)), page);
}

/** True if the fragment is `#grid=…`, readable or not. With a view it is the address of a stored grid. */
export function isGridLink(fragment: string): boolean {
	return fragment.startsWith(KIND.prefix) && !fragment.includes('&view=');
}

/**
 * Reads the fragment of an address.
 *
 * @returns a grid whose cells can run; null if the fragment is not `#grid=…`
 * @throws  FormatError `link-too-large` · `link-broken` · `link-newer` · those of `readGrid` and `gridRuns`
 */
export async function readGridLink(fragment: string): Promise<Grid | null> {
	if (!isGridLink(fragment)) return null;
	const json = await readPackedLink(KIND, fragment);
	expectKnownForm(KIND, json, FORM);
	try {
		const grid = readGrid(json);
		gridRuns(grid);
		return grid;
	} catch (cause) {
		const { message, code, context } = asAppError(cause);
		throw new FormatError(`The link was not used. ${message}`, { code, context, hint: ASK_AGAIN, cause });
	}
}

/** The grid without secrets in the addresses of its base and its cells. */
function publicGrid(grid: Grid): Grid {
	const { base, vary, cells, extra } = grid;
	return {
		...grid,
		base: withoutSecrets(base),
		vary: vary.map(({ path, values }) => ({ path, values: values.map((value) => publicValue(path, value)) })),
		cells: cells.map(publicCell),
		...(extra === undefined ? {} : { extra: extra.map(publicCell) }),
	};
}

function publicCell(cell: NamedCell): NamedCell {
	return {
		...cell,
		settings: cell.settings.map(({ path, value }) => ({ path, value: publicValue(path, value) })),
	};
}

/** An address, or a list of models with addresses. */
function publicValue(path: string, value: unknown): unknown {
	if (typeof value === 'string') return path.endsWith('.endpoint') ? publicAddress(value) : value;
	return Array.isArray(value) ? value.map(publicEntry) : value;
}

function publicEntry(entry: unknown): unknown {
	if (!isRecord(entry) || typeof entry['endpoint'] !== 'string') return entry;
	return { ...entry, endpoint: publicAddress(entry['endpoint']) };
}
