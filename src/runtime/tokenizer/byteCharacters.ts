/** GPT-2's character for each byte: printable bytes are themselves, the others follow from U+0100. */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
	const isPrintable = (byte: number): boolean =>
		(byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
	let next = 0x100;
	return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}
