// Finds a Chromium with WebGPU for the tests, the headless run and the benchmark. All flags for starting it
// are here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** No background traffic. */
const QUIET_FLAGS = [
	'--no-sandbox',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** WebGPU on SwiftShader, unless ANCHORAGE_GPU is 1. */
export const CHROMIUM_FLAGS = [
	...QUIET_FLAGS,
	'--enable-unsafe-webgpu',
	...(process.env['ANCHORAGE_GPU'] === '1'
		? []
		: ['--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader']),
];

/** A browser that offers no WebGPU. */
export const WITHOUT_WEBGPU = [...QUIET_FLAGS, '--disable-gpu'];

/**
 * Playwright's options for the full browser without a window: its headless shell has no WebGPU.
 *
 * @param {string | undefined} executablePath playwright's own browser if undefined
 * @param {readonly string[]} [flags]
 */
export function launchOptions(executablePath, flags = CHROMIUM_FLAGS) {
	const named = executablePath === undefined ? {} : { executablePath };
	return { ...named, headless: false, args: ['--headless=new', ...flags] };
}

const SYSTEM_PATHS = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/** @returns {Promise<string | undefined>} */
async function playwrightsOwn() {
	const { chromium } = await import('playwright');
	const path = chromium.executablePath();
	return existsSync(path) ? path : undefined;
}

/**
 * Installs Chromium on Debian-like systems, only as root, which needs no confirmation. @returns {string |
 * undefined}
 */
function installOnDebian() {
	if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return undefined;
	say(
		'No Chromium found. Installing the package "chromium" with apt-get (this is Debian or like it, and you are root)…',
	);
	const run = (/** @type {string[]} */ args) =>
		spawnSync('apt-get', args, {
			stdio: ['ignore', 'ignore', 'inherit'],
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		});
	run(['update', '-qq']);
	run(['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
	return SYSTEM_PATHS.find((path) => existsSync(path));
}

/**
 * The path of a Chromium: CHROMIUM_PATH, playwright's own, the system's, or a newly installed one.
 * @returns {Promise<string>}
 */
export async function findChromium() {
	const named = process.env['CHROMIUM_PATH'];
	if (named !== undefined && named !== '') {
		if (existsSync(named)) return named;
		throw new Error(`CHROMIUM_PATH names ${named}, which does not exist. Correct it or unset it.`);
	}
	const found =
		(await playwrightsOwn()) ?? SYSTEM_PATHS.find((path) => existsSync(path)) ?? installOnDebian();
	if (found !== undefined) return found;
	throw new Error(
		'No Chromium found. Install Chrome or Chromium (version 121 or later), or run "npx playwright install chromium", ' +
			'or set CHROMIUM_PATH to one.',
	);
}
