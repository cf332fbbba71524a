// npm start: installs missing packages, serves the workbench with the embedded reviser, prints the address,
// opens a browser.
import { spawn } from 'node:child_process';
import { ensureInstalled, ROOT, toolEnvironment } from './install.mjs';

try {
	ensureInstalled();
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
}

const hasDisplay =
	process.platform !== 'linux' || Boolean(process.env['DISPLAY']) || Boolean(process.env['WAYLAND_DISPLAY']);
const open = hasDisplay && process.env['CI'] === undefined ? ['--open'] : [];
const vite = spawn('vite', [...open, ...process.argv.slice(2)], {
	cwd: ROOT,
	stdio: 'inherit',
	env: toolEnvironment(),
	shell: process.platform === 'win32',
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
	process.on(signal, () => vite.kill(signal));
vite.on('exit', (code) => process.exit(code ?? 0));
