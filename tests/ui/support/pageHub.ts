/** A hub within the page: the API and the files of one repository, as `fetch` sees them. */
import type { Fetch } from '#runtime/models/http/request.ts';
import type { TinyFile } from '#tests/support/tinyModel.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** @param files with their paths from the repository's folder on: `x/config.json` */
export function pageHub(hub: string, repository: string, files: readonly TinyFile[]): Fetch {
	const byPath = new Map(files.map(({ path, file }) => [path.slice(path.indexOf('/') + 1), file]));
	const api = `${hub}/api/models/${repository}`;
	const folder = `${hub}/${repository}/resolve/${COMMIT}/`;
	return async (address, init) => {
		if (address === `${api}/revision/main`)
			return Response.json({ sha: COMMIT, cardData: { license: 'apache-2.0' } });
		if (address.startsWith(`${api}/tree/${COMMIT}`))
			return Response.json([...byPath].map(([path, { size }]) => ({ type: 'file', path, size })));
		const file = address.startsWith(folder) ? byPath.get(address.slice(folder.length)) : undefined;
		if (file === undefined) return Response.json({ error: 'Repository not found' }, { status: 404 });
		return part(file, new Headers(init?.headers).get('range'));
	};
}

async function part(file: Blob, range: string | null): Promise<Response> {
	const bytes = await file.arrayBuffer();
	const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
	const start = Number(from);
	const end = to === '' ? bytes.byteLength : Math.min(Number(to) + 1, bytes.byteLength);
	const headers = { 'content-length': `${end - start}`, etag: '"1"' };
	if (range === null) return new Response(bytes, { headers });
	const placed = { ...headers, 'content-range': `bytes ${start}-${end - 1}/${bytes.byteLength}` };
	return new Response(bytes.slice(start, end), { status: 206, headers: placed });
}
