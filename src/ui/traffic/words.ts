/** Words for tokens, money, and the requests that left the page. */
import { counted } from '#app/text/format.ts';
import type { TokenForecast } from '#core/endpoint/forecast.ts';
import { type Reach, reachOf } from '#core/endpoint/reach.ts';
import type { SentRequest, TokenPrice } from '#core/endpoint/sentRequest.ts';
import { contentsIn, costOf, tokensOf } from '#core/endpoint/tokens.ts';
import type { ServerTraffic } from '#core/endpoint/traffic.ts';
import type { ModelOrigin, ModelSource } from '#core/model/model.ts';
import { bytes, count } from '../format.ts';

/** `$0.0042`, `$1.20`, `$130` */
export function money(dollars: number): string {
	if (dollars === 0) return '$0';
	if (dollars >= 100) return `$${count(dollars)}`;
	return dollars >= 0.1 ? `$${dollars.toFixed(2)}` : `$${Number(dollars.toPrecision(2))}`;
}

const PLACES: Readonly<Record<Reach, string>> = {
	machine: 'a server on this machine',
	network: 'a server in your local network',
	internet: 'a server on the internet',
};

export function placeOf({ reach }: Pick<ServerTraffic, 'reach'>): string {
	return PLACES[reach];
}

/** The destination of prompts and answers, before a run. */
export function goesTo(endpoints: readonly string[]): string {
	const servers = new Map(
		endpoints.map((endpoint) => {
			if (!URL.canParse(endpoint)) return ['the endpoint', null] as const;
			const { host, hostname } = new URL(endpoint);
			return [host, reachOf(hostname)] as const;
		}),
	);
	const places = [...servers].map(([host, reach]) => (reach === null ? host : `${host}, ${PLACES[reach]}`));
	const stays = [...servers.values()].every((reach) => reach === 'machine');
	return `Prompts and answers go to ${places.join(', and to ')}; nothing ${stays ? 'leaves it' : 'else leaves this machine'}.`;
}

/** Two significant digits, so that an estimate does not look exact. */
function rounded(tokens: number): string {
	return count(Number(tokens.toPrecision(2)));
}

/**
 * The requests and tokens of some work before it starts, with their price if it is known.
 *
 * @param work its subject: "A run"
 */
export function forecastSentence(forecast: TokenForecast, price: TokenPrice | null, work = 'A run'): string {
	const { requests, promptTokens, completionTokens, promptsKnown, repliesKnown } = forecast;
	const prompts = `${promptsKnown ? 'about' : 'at most about'} ${rounded(promptTokens)} tokens of prompts`;
	const replies = `${repliesKnown ? 'about' : 'at most'} ${rounded(completionTokens)} of replies`;
	const exact = promptsKnown && repliesKnown;
	const cost =
		price === null ? '' : `, ${exact ? 'about' : 'at most'} ${money(costOf(forecast, price))} in all`;
	return `${work} sends ${counted(requests, 'request')}: ${prompts} and ${replies}${cost}. Requests that fail are sent again, up to four times.`;
}

/** The tokens of a server after a run. @param dollars null if a price is not known */
export function tokensSentence(traffic: ServerTraffic, dollars: number | null): string {
	const { promptTokens, completionTokens, estimated, requests } = traffic;
	const source =
		estimated === 0
			? 'by its own count'
			: estimated === requests
				? 'estimated, because it counts none'
				: `estimated for ${counted(estimated, 'request')}, else by its own count`;
	const cost = dollars === null ? '' : `: ${money(dollars)}`;
	return `${count(promptTokens)} tokens of prompts and ${count(completionTokens)} of replies, ${source}${cost}`;
}

/** `412 requests, 3 of them without a successful answer` */
export function requestsSentence({ requests, failed }: ServerTraffic): string {
	const missed = failed === 0 ? '' : `, ${failed} of them without a successful answer`;
	return `${counted(requests, 'request')}${missed}`;
}

export function bytesSentence({ sentBytes, receivedBytes }: ServerTraffic): string {
	return `${bytes(sentBytes)} sent, ${bytes(receivedBytes)} received`;
}

/** `22 Nov, 10:00:02` in the reader's time zone. */
export function timeOf(iso: string): string {
	const time = new Date(iso);
	if (Number.isNaN(time.getTime())) return iso;
	return time.toLocaleString('en-GB', {
		day: 'numeric',
		month: 'short',
		hour: '2-digit',
		minute: '2-digit',
		second: '2-digit',
	});
}

/**
 * One sentence about all servers: whether anything left the machine.
 *
 * @param asked number of servers that the recipe names
 */
export function leftSentence(servers: readonly ServerTraffic[], asked: number): string {
	if (servers.length === 0)
		return asked === 0
			? 'Nothing left this machine: the built-in models work in the page or on its own server.'
			: 'Nothing was sent yet.';
	if (servers.every(({ reach }) => reach === 'machine'))
		return 'Nothing left this machine: the requests went to a server on it.';
	if (servers.every(({ reach }) => reach !== 'internet'))
		return 'The requests left this machine and stayed in your local network.';
	return 'These requests left this machine. The key was in none of their texts.';
}

/** The files of a model that were downloaded; null if none were. */
export function downloadSentence({ title, origin, library }: Downloaded): string | null {
	const files = filesSentence(title, origin);
	if (library?.place !== 'prebuilt') return files;
	const host = new URL(library.prebuilt.address).host;
	const sentence = `WebLLM’s library for ${title} was asked of ${host} by its name.`;
	return files === null ? sentence : `${files} ${sentence}`;
}

type Downloaded = Pick<ModelSource, 'title' | 'origin' | 'library'>;

function filesSentence(title: string, origin: ModelOrigin): string | null {
	if (origin.place === 'hub')
		return `${title} was downloaded: the page asked ${new URL(origin.page).host} for the list of files of ${origin.repository}, its configuration, tokenizer and weights by name, and sent no other data.`;
	if (origin.place === 'server' && URL.canParse(origin.address))
		return `${title} was downloaded: the page asked ${new URL(origin.address).host} for its configuration, tokenizer and weights by name, and sent no other data.`;
	return null;
}

/** Short facts of one request. */
export function requestFacts(request: SentRequest): string {
	const { at, origin, path, status, sentBytes, receivedBytes } = request;
	const { promptTokens, completionTokens, exact } = tokensOf(request);
	const tokens =
		promptTokens + completionTokens === 0
			? ''
			: ` ${exact ? '' : 'About '}${count(promptTokens)} + ${count(completionTokens)} tokens.`;
	const answer = status === null ? 'no answer' : `answered ${status}`;
	return `${timeOf(at)}, to ${origin}${path}, ${answer}. ${bytes(sentBytes)} sent, ${bytes(receivedBytes)} received.${tokens}`;
}

/** The text of a request as people read it: its messages, else its body. */
export function requestText({ text }: SentRequest): string {
	if (text === null) return 'This text is not kept: the texts of this run are larger than its list may be.';
	if (text === '') return 'It asked for the list of models and sent no text.';
	return contentsIn(text)?.join('\n\n') ?? text;
}
