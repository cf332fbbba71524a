/** Hands text or bytes to the person as a file. The one place that makes download links. */
export function saveFile(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): void {
	const url = URL.createObjectURL(new Blob([content], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The download has begun by the next turn; the URL would otherwise keep the text in memory.
	setTimeout(() => URL.revokeObjectURL(url), 0);
}
