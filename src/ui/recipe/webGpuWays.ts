/** Ways to get WebGPU for a page that has none, the most likely one first. */

export interface Way {
	title: string;
	text: string;
}

export interface PageFacts {
	/** Name and version, as `browserName` gives it. */
	browser: string;
	/** True if the browser has `navigator.gpu`. */
	offered: boolean;
	/** False on pages over plain http, except localhost: there browsers hide WebGPU. */
	secure: boolean;
	/** `location.href` */
	address: string;
}

const ANOTHER: Way = {
	title: 'Easiest',
	text: 'Open this page in a current Chrome or Edge on a machine with a graphics processor.',
};

/** If the browser has the API but no graphics processor, its settings or the driver are the usual cause. */
const SETTINGS: Way = {
	title: 'In this browser',
	text: 'Switch on hardware acceleration in its settings, update the graphics driver, and restart the browser.',
};

export function waysToWebGpu({ browser, offered, secure, address }: PageFacts): readonly Way[] {
	if (!secure) return addressWays(address);
	return [...(offered ? [SETTINGS] : []), ANOTHER, ...waysToStay(browser)];
}

function waysToStay(browser: string): readonly Way[] {
	if (browser.startsWith('Firefox')) {
		return [
			{
				title: 'Stay in Firefox',
				text: 'It has WebGPU on Windows and on recent Macs; on Linux not yet by default.',
			},
		];
	}
	if (browser.startsWith('Safari')) {
		return [{ title: 'Stay in Safari', text: 'It has WebGPU from version 26 on.' }];
	}
	return [];
}

/** Over plain http every browser hides WebGPU, so another browser does not help. */
function addressWays(address: string): readonly Way[] {
	const { hostname, port, pathname } = new URL(address);
	const number = port === '' ? '80' : port;
	const local = `http://localhost${port === '' ? '' : `:${port}`}${pathname}`;
	return [
		{ title: 'On the machine that serves it', text: `Open ${local} instead: browsers trust localhost.` },
		{
			title: 'On other machines',
			text: `Serve the page by https://. Or forward its port with ssh -L ${number}:localhost:${number} ${hostname} and open ${local}.`,
		},
	];
}
