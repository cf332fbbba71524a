/** The adapter of an export, as PEFT reads it from the archive. */
import { PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, readPeftAdapter } from '#core/adapter/peft.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ExportSource } from '#core/exchange/export.ts';
import { peftAdapter } from '#core/exchange/exports/peftAdapter.ts';

export async function exportedAdapter(source: ExportSource): Promise<{ adapter: Adapter; config: unknown }> {
	const [file] = await peftAdapter.write(source);
	if (!(file?.content instanceof Uint8Array)) throw new Error('no archive');
	const files = entriesOf(file.content);
	const [weights, text] = [files.get(PEFT_WEIGHTS_FILE), files.get(PEFT_CONFIG_FILE)];
	if (weights === undefined || text === undefined) throw new Error('no adapter');
	const config: unknown = JSON.parse(new TextDecoder().decode(text));
	return { adapter: readPeftAdapter(weights, config), config };
}

/** Contents of an archive as texts, by name. */
export function archiveTexts(archive: Uint8Array): ReadonlyMap<string, string> {
	const texts = [...entriesOf(archive)].map(
		([name, content]) => [name, new TextDecoder().decode(content)] as const,
	);
	return new Map(texts);
}

/** Contents of an archive without compression, by name. */
function entriesOf(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
	const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
	const files = new Map<string, Uint8Array>();
	for (let at = 0; view.getUint32(at, true) === 0x04034b50;) {
		const [size, name, extra] = [
			view.getUint32(at + 22, true),
			view.getUint16(at + 26, true),
			view.getUint16(at + 28, true),
		];
		const start = at + 30 + name + extra;
		files.set(
			new TextDecoder().decode(archive.slice(at + 30, at + 30 + name)),
			archive.slice(start, start + size),
		);
		at = start + size;
	}
	return files;
}
