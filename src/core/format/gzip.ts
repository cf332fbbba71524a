/**
 * Unpacks gzip files of several members (`cat a.gz b.gz`, bgzip) and with zeros after a member (tapes, block devices): the
 * platform's stream refuses or drops all that follows the first member. RFC 1952, section 2.2.
 */
import { asAppError, FormatError } from '../errors.ts';
import { decompress } from './compress.ts';
import { GZIP, startsWith } from './fileSignature.ts';
import { joined } from './joined.ts';

type Bytes = Uint8Array<ArrayBuffer>;
interface Limit {
	/** Largest number of bytes after decompression, of all members. */
	limit: number;
	/** Name for the message. */
	source: string;
}

const DEFLATE = 8;
/** Bits of the flags that must be zero. */
const RESERVED = 0xe0;
const SPEEDS: readonly (number | undefined)[] = [0, 2, 4];
const LAST_SYSTEM = 13;
const UNKNOWN_SYSTEM = 255;

/** True where a member can begin; packed data hold such bytes too, but hardly ever. */
function isHeader(bytes: Bytes, at: number): boolean {
	if (!startsWith(bytes, [...GZIP, DEFLATE], at)) return false;
	const [flags = RESERVED, system = LAST_SYSTEM + 1] = [bytes[at + 3], bytes[at + 9]];
	const isSystem = system <= LAST_SYSTEM || system === UNKNOWN_SYSTEM;
	return (flags & RESERVED) === 0 && SPEEDS.includes(bytes[at + 8]) && isSystem;
}

function laterHeaders(bytes: Bytes): number[] {
	const found: number[] = [];
	for (let at = bytes.indexOf(DEFLATE, 3); at >= 0; at = bytes.indexOf(DEFLATE, at + 1))
		if (bytes[at - 1] === GZIP[1] && bytes[at - 2] === GZIP[0] && isHeader(bytes, at - 2)) found.push(at - 2);
	return found;
}

/** Most zeros that end a member: of its last block, its checksum and its length. */
const MOST_ZEROS = 9;

/** Ends of a member before `end`: its own last bytes may be zeros, like the padding after it. */
function endsOf(bytes: Bytes, start: number, end: number): number[] {
	let filled = end;
	while (filled > start && bytes[filled - 1] === 0) filled--;
	const most = Math.min(MOST_ZEROS + 1, end - filled);
	return [end, ...Array.from({ length: most }, (_, zeros) => filled + zeros)];
}

/** The member from `start` to `end`, perhaps with padding; null if it is damaged or goes on after `end`. */
async function member(bytes: Bytes, start: number, end: number, limit: Limit): Promise<Bytes | null> {
	for (const last of endsOf(bytes, start, end)) {
		try {
			return await decompress(bytes.subarray(start, last), 'gzip', limit);
		} catch (thrown) {
			// The next end may be the right one.
			if (asAppError(thrown).code !== 'compressed-damaged') throw thrown;
		}
	}
	return null;
}

/** Bytes like a header that were none, before a file counts as damaged: each costs the time of its member. */
const MOST_FALSE = 50;

/**
 * All members of a gzip file, one after the other.
 *
 * @throws FormatError `compressed-damaged` · `compressed-too-large`
 */
export async function gunzip(bytes: Bytes, { limit, source }: Limit): Promise<Bytes> {
	const parts: Bytes[] = [];
	let [start, length, missed] = [0, 0, 0];
	for (const end of [...laterHeaders(bytes), bytes.length]) {
		if (missed > MOST_FALSE && end < bytes.length) continue;
		const part = await member(bytes, start, end, { limit: limit - length, source });
		if (part === null) {
			missed++;
			continue;
		}
		parts.push(part);
		length += part.length;
		start = end;
	}
	if (start === bytes.length) return joined(parts);
	throw new FormatError(`${source} is damaged or was cut off: it unpacks only to byte ${length}.`, {
		code: 'compressed-damaged',
		hint: 'Download or copy the whole file again, or export it again where it was made.',
		context: { bytes: bytes.length, unpacked: length },
	});
}
