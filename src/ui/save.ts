/** Saves text or bytes as a download. No other code creates download links. */
export function saveFile(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): void {
	const url = URL.createObjectURL(new Blob([content], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The download has started by the next turn; without this the URL would keep the text in memory.
	setTimeout(() => URL.revokeObjectURL(url), 0);
}
