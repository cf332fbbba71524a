// Runs a command with CHROMIUM_PATH set to the Chromium that findChromium() finds: node
// scripts/with-chromium.mjs vitest run …
import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium.mjs';
import { toolEnvironment } from './install.mjs';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('Name the command to run.');
const done = spawnSync(command, args, {
	stdio: 'inherit',
	env: toolEnvironment({ CHROMIUM_PATH: await findChromium() }),
	shell: process.platform === 'win32',
});
process.exit(done.status ?? 1);
