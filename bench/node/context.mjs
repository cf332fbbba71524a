// Context that every part receives: the options, a progress output, the page, and the versions behind the
// numbers.
import { loadavg } from 'node:os';
import { openEngine, openPage, servePage } from './browser.mjs';
import { Resources } from './resources.mjs';
import { machine, packageVersions, versionLine } from './versions.mjs';

/**
 * @typedef {{ text: string, numbers: Record<string, any>, record?: boolean }} PartResult `record` false:
 *   nothing is saved
 */
/** @typedef {{ id: string, title: string, run: (context: Context) => Promise<PartResult> }} Part */

export class Context {
	/** Closed at the end of the part. */
	resources = new Resources();
	date = new Date().toISOString().slice(0, 10);
	/** The WebGPU adapter, after a page has reported it. */
	device = '';
	/** Versions of this part, and of all parts so far. */
	versions = packageVersions();
	allVersions = this.versions;
	/** The page's server, which outlives the parts. */
	#server = new Resources();
	/** @type {Promise<string> | null} */
	#url = null;
	/** One minute's load before the start: above about 0.5, other work on the machine affected the times. */
	#load = loadavg()[0] ?? 0;

	/** @param {import('./args.mjs').Options} options */
	constructor(options) {
		this.options = options;
	}

	/** @param {string} text */
	say = (text) => void process.stderr.write(`  ${text}\n`);

	/** Ends one part and starts the next; closes all resources of the first. */
	async nextPart() {
		await this.resources.close();
		this.resources = new Resources();
		this.versions = packageVersions();
	}

	/** Closes everything; the running part then fails. */
	async close() {
		await this.resources.close();
		await this.#server.close();
	}

	get closed() {
		return this.resources.closed;
	}

	/** @param {import('../page/page.ts').StartOptions} options */
	async openEngine(options) {
		const engine = await openEngine(this.resources, await this.#page(), options, this.say);
		this.device = engine.device;
		this.madeWith({ chromium: engine.version });
		return engine;
	}

	/** Opens a page without an engine, for parts that measure in one call. */
	async openPage() {
		const opened = await openPage(this.resources, await this.#page(), this.say);
		this.device = await opened.page.evaluate(() => globalThis.bench.device());
		this.madeWith({ chromium: opened.version });
		return opened;
	}

	/** @param {Record<string, string>} versions */
	madeWith(versions) {
		this.versions = { ...this.versions, ...versions };
		this.allVersions = { ...this.allVersions, ...versions };
	}

	/**
	 * The head of a section.
	 *
	 * @param {string} title
	 * @param {string} how the method, in one or two sentences
	 */
	heading(title, how) {
		const webgpu = this.device === '' ? '' : ` WebGPU adapter: ${this.device}.`;
		const load = `Load before the start: ${this.#load.toFixed(1)}.`;
		const made = `Measured ${this.date} on ${machine()}.${webgpu} ${load}\n${versionLine(this.versions)}.`;
		return `## ${title}\n\n${made}\n\n${how}`;
	}

	/** @returns {Promise<string>} its address */
	#page() {
		if (this.#url === null) {
			this.say('building the page');
			this.#url = servePage(this.#server);
		}
		return this.#url;
	}
}
