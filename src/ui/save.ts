/** Hands a text to the person as a file. The one place that makes download links. */
export function saveText(name: string, text: string, type: string): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The download has begun by the next turn; the URL would otherwise keep the text in memory.
	setTimeout(() => URL.revokeObjectURL(url), 0);
}
