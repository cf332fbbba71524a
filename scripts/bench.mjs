// npm run bench [part…] [--json] [--steps N]: measures the training step against its peers in one run, on this machine.
// Every engine gets a browser of its own; wall time and CPU-seconds of that browser are counted step by step, and losses are
// compared first, because an engine that computes something else has no speed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, ROOT } from './install.mjs';

const ENGINES = {
	ours: 'Anchorage, tfjs webgpu',
	jaxWebgpu: 'jax-js webgpu',
	tfjsStock: 'tfjs webgpu, stock ops',
	oursWasm: 'Anchorage, tfjs wasm',
	jaxWasm: 'jax-js wasm',
	tfjsWasm: 'tfjs wasm, stock ops',
};
/** Losses of the first steps, as bench/problem.ts states them. */
const LOSSES = [1.01729, 0.45889, 0.16884, 0.0805];
const TOLERANCE = 5e-4;
/** Clock ticks a second in /proc. */
const TICKS = 100;

/** @typedef {{ losses: number[], firstMs: number, wall: number[], cpu: number[], report: any }} Measured */

/** CPU-seconds so far of all processes below `root`; null where there is no /proc. @param {number} root */
function cpuSeconds(root) {
	/** @type {Map<number, { parent: number, ticks: number }>} */
	const processes = new Map();
	try {
		for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
			const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
			const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			processes.set(Number(name), {
				parent: Number(fields[1]),
				ticks: Number(fields[11]) + Number(fields[12]),
			});
		}
	} catch {
		if (processes.size === 0) return null;
	}
	let total = 0;
	for (const [pid, { ticks }] of processes) {
		let at = pid;
		while (at !== root && processes.has(at)) at = processes.get(at)?.parent ?? 0;
		if (at === root && pid !== root) total += ticks / TICKS;
	}
	return total;
}

/** @param {number[]} values */
function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/**
 * @param {string} url
 * @param {import('../bench/page.ts').EngineName} name
 * @param {number} steps
 * @param {number} [layers]
 * @returns {Promise<Measured & { device: string }>}
 */
async function measure(url, name, steps, layers) {
	const { chromium } = await import('playwright');
	const { CHROMIUM_FLAGS, findChromium } = await import('./chromium.mjs');
	const browser = await chromium.launch({
		executablePath: await findChromium(),
		headless: false,
		args: ['--headless=new', ...CHROMIUM_FLAGS],
	});
	try {
		const page = await browser.newPage();
		page.on('pageerror', (error) => process.stderr.write(`  ${name}: ${error.message}\n`));
		await page.goto(url);
		await page.waitForSelector('body[data-ready]', { state: 'attached' });
		await page.evaluate(
			([engine, n]) => globalThis.bench.start(engine, n),
			/** @type {const} */ ([name, layers]),
		);
		/** @type {Measured} */
		const out = { losses: [], firstMs: 0, wall: [], cpu: [], report: null };
		for (let i = 0; i < steps; i++) {
			const cpuBefore = cpuSeconds(process.pid);
			const { loss, ms } = await page.evaluate(() => globalThis.bench.step());
			const cpuAfter = cpuSeconds(process.pid);
			out.losses.push(loss);
			if (i === 0) out.firstMs = ms;
			else {
				out.wall.push(ms / 1000);
				if (cpuBefore !== null && cpuAfter !== null) out.cpu.push(cpuAfter - cpuBefore);
			}
		}
		out.report = await page.evaluate(() => globalThis.bench.report());
		const device = await page.evaluate(async () => {
			const info = (await navigator.gpu?.requestAdapter())?.info;
			return info === undefined ? 'no WebGPU' : `${info.vendor} ${info.architecture}`;
		});
		return { ...out, device };
	} finally {
		await browser.close();
	}
}

/** @param {string} name @param {number[]} losses */
function checkLosses(name, losses) {
	LOSSES.slice(0, losses.length).forEach((expected, i) => {
		if (Math.abs((losses[i] ?? NaN) - expected) > TOLERANCE) {
			throw new Error(`${name}: step ${i} has loss ${losses[i]}, not ${expected}: it does other work.`);
		}
	});
}

/** @param {string} url @param {number} steps */
async function benchStep(url, steps) {
	/** @type {Record<string, Measured & { device: string }>} */
	const measured = {};
	for (const [key, title] of Object.entries(ENGINES)) {
		const name = /** @type {import('../bench/page.ts').EngineName} */ (key);
		process.stderr.write(`${title}…\n`);
		measured[name] = await measure(url, name, steps);
		checkLosses(title, measured[name].losses);
	}
	const fewer = await measure(url, 'ours', 2, 3);
	return { measured, fewer };
}

/** @param {Record<string, Measured>} measured */
function table(measured) {
	const ours = { webgpu: measured['ours'], wasm: measured['oursWasm'] };
	const rows = Object.entries(ENGINES).map(([name, title]) => {
		const it = measured[name];
		const base = name.toLowerCase().includes('wasm') ? ours.wasm : ours.webgpu;
		if (it === undefined || base === undefined) return '';
		const [wall, cpu] = [median(it.wall), median(it.cpu)];
		const ratio = (/** @type {number} */ a, /** @type {number} */ b) => `${(a / b).toFixed(1)}×`;
		const spread = `${Math.min(...it.wall).toFixed(3)}–${Math.max(...it.wall).toFixed(3)}`;
		return `| ${title} | ${wall.toFixed(3)} | ${spread} | ${cpu.toFixed(2)} | ${ratio(wall, median(base.wall))} | ${ratio(cpu, median(base.cpu))} | ${(it.firstMs / 1000).toFixed(2)} |`;
	});
	return [
		'| engine | s a step (median) | spread | CPU-s a step | wall, of ours | CPU, of ours | first step, s |',
		'| --- | --- | --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}

async function main() {
	ensureInstalled();
	const args = process.argv.slice(2);
	const json = args.includes('--json');
	const at = args.indexOf('--steps');
	const steps = at < 0 ? 6 : Number(args[at + 1]);
	const { build, preview } = await import('vite');
	const outDir = join(ROOT, '.cache', 'bench');
	const config = { root: ROOT, logLevel: /** @type {const} */ ('error') };
	await build({
		...config,
		build: { outDir, emptyOutDir: true, rolldownOptions: { input: join(ROOT, 'bench', 'index.html') } },
	});
	const server = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: 4397 } });
	try {
		const url = new URL('bench/index.html', server.resolvedUrls?.local[0]).href;
		const { measured, fewer } = await benchStep(url, steps);
		const report = measured['ours']?.report;
		const dispatchesPerLayer = report.dispatches - fewer.report.dispatches;
		const text = [
			`Device: ${measured['ours']?.device}. ${new Date().toISOString().slice(0, 10)}. ${steps - 1} steps after the first, medians.`,
			'',
			table(measured),
			'',
			`Ours: ${dispatchesPerLayer} dispatches a layer, ${report.dispatches} a step, ${report.submits} submit a step, ` +
				`${report.hostMs.toFixed(1)} ms of host time, ${(report.peakBytes / 1e6).toFixed(1)} MB at the peak.`,
		].join('\n');
		process.stderr.write(`\n${text}\n`);
		writeFileSync(
			join(ROOT, 'docs', 'benchmarks.md'),
			`# Benchmarks\n\nWritten by \`npm run bench\`.\n\n${text}\n`,
		);
		if (json) {
			const seconds = Object.fromEntries(
				Object.entries(measured).map(([name, it]) => [name, { wall: median(it.wall), cpu: median(it.cpu) }]),
			);
			process.stdout.write(
				`${JSON.stringify({ step: seconds, dispatchesPerLayer, submitsPerStep: report.submits, peakBytes: report.peakBytes })}\n`,
			);
		}
	} finally {
		await server.close();
	}
}

main().catch((/** @type {unknown} */ error) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
});
