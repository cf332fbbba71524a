/**
 * Reads server-sent events (HTML standard, section 9.2.6) from text in pieces of any size: LF, CRLF and CR end a
 * line, comments are ignored, and the last event needs no blank line.
 */

export interface ServerEvent {
	/** `message` if the event has no name. */
	name: string;
	data: string;
}

export class EventReader {
	/** Text after the last end of a line. */
	#rest = '';
	#skipLineFeed = false;
	#name = '';
	#data: string[] = [];

	/** @returns the events that this piece completed */
	push(piece: string): ServerEvent[] {
		const text = this.#skipLineFeed && piece.startsWith('\n') ? piece.slice(1) : piece;
		if (piece !== '') this.#skipLineFeed = piece.endsWith('\r');
		const lines = text.split(/\r\n|\n|\r/);
		const last = lines.pop() ?? '';
		if (lines.length === 0) {
			this.#rest += last;
			return [];
		}
		lines[0] = this.#rest + (lines[0] ?? '');
		this.#rest = last;
		return lines.flatMap((line) => this.#line(line));
	}

	/** The event at the end of the stream, if it was not completed. */
	end(): ServerEvent[] {
		const line = this.#rest;
		this.#rest = '';
		return [...this.#line(line), ...this.#line('')];
	}

	#line(line: string): ServerEvent[] {
		if (line === '') return this.#dispatch();
		const colon = line.indexOf(':');
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
		if (field.trim() === 'data') this.#data.push(value);
		else if (field.trim() === 'event') this.#name = value.trim();
		return [];
	}

	/** Several data lines are one text, unless each is complete by itself: some servers leave out the blank line. */
	#dispatch(): ServerEvent[] {
		const name = this.#name === '' ? 'message' : this.#name;
		const data = this.#data;
		this.#name = '';
		this.#data = [];
		if (data.length === 0) return [];
		const apart = data.length > 1 && data.every((line) => isComplete(line));
		return (apart ? data : [data.join('\n')]).map((text) => ({ name, data: text }));
	}
}

function isComplete(line: string): boolean {
	if (line.trim() === '[DONE]') return true;
	try {
		const json: unknown = JSON.parse(line);
		return typeof json === 'object';
	} catch {
		// Part of a longer text.
		return false;
	}
}

/** True if text starts like server-sent events; null if more text is needed to decide. */
export function looksLikeEvents(text: string): boolean | null {
	const start = text.replace(/^[\s\ufeff]+/, '').slice(0, 8);
	if (/^(?:data|event|id|retry)\s{0,2}:|^:/.test(start)) return true;
	const undecided = ['data:', 'event:', 'id:', 'retry:'].some((name) => name.startsWith(start));
	return undecided ? null : false;
}
