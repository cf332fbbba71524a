/** Lets the page paint and handle input between two pieces of long work. Uses a message, because hidden tabs slow timers down. */
export function yieldToPage(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}
