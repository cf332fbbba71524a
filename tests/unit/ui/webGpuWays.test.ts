import { describe, expect, it } from 'vitest';
import { waysToWebGpu } from '#ui/recipe/webGpuWays.ts';

const texts = (browser: string, address: string, secure = false): string =>
	waysToWebGpu({ browser, offered: false, secure, address })
		.map(({ title, text }) => `${title}: ${text}`)
		.join('\n');

describe('over plain http', () => {
	it('names localhost with the port and path of the page, and https', () => {
		const text = texts('Chrome 140 on Linux', 'http://192.0.2.2:5173/anchorage/?x#y');
		expect(text).toContain('http://localhost:5173/anchorage/');
		expect(text).toContain('ssh -L 5173:localhost:5173 192.0.2.2');
		expect(text).toContain('https://');
		expect(text).not.toContain('current Chrome');
	});

	it('without a port', () => {
		const text = texts('Firefox 150', 'http://bench.example/');
		expect(text).toContain('http://localhost/ ');
		expect(text).toContain('ssh -L 80:localhost:80 bench.example');
	});
});

describe('over https', () => {
	it.each([
		['Firefox 150 on Linux', 'Stay in Firefox'],
		['Safari 18 on a Mac', 'Stay in Safari'],
	])('%s: names another browser and this one', (browser, title) => {
		const text = texts(browser, 'https://bench.example/', true);
		expect(text).toMatch(/^Easiest: /);
		expect(text).toContain(title);
	});

	it('names the browser’s settings first if it has the API but no graphics processor', () => {
		const address = 'https://bench.example/';
		const ways = waysToWebGpu({ browser: 'Chrome 150', offered: true, secure: true, address });
		expect(ways.map(({ title }) => title)).toEqual(['In this browser', 'Easiest']);
	});
});
