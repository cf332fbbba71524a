/** A link that opens a run file from another server, with a real server: asked first, opened once, failures in words. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';

const FILE = readFileSync(new URL('../../public/recorded/loop.run.json.gz', import.meta.url));
const SHARED = { 'access-control-allow-origin': '*' };
let server: Server;
let origin = '';
let asked: string[] = [];

test.beforeAll(async () => {
	server = createServer(({ url = '' }, response) => {
		asked.push(url);
		if (url === '/run.gz') response.writeHead(200, { ...SHARED, 'content-length': FILE.length }).end(FILE);
		else if (url === '/private.gz') response.end(FILE);
		else if (url === '/page') response.writeHead(200, SHARED).end('<!doctype html><title>x</title>');
		else response.writeHead(404, SHARED).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.afterAll(() => server.close());
test.beforeEach(() => {
	asked = [];
});

const linkTo = (path: string): string => `/#open=${encodeURIComponent(origin + path)}`;

test('a link opens a run from another server, and the second time the kept one', async ({ page }) => {
	await page.goto(`${linkTo('/run.gz')}&view=loss&step=40`);
	await expect(page.getByRole('heading', { name: /This link opens a run from/ })).toContainText(origin);
	expect(asked).toEqual([]);
	await page.getByRole('button', { name: 'Download and open' }).click();
	await expect(page.getByText('step 40 of')).toBeVisible();
	await expect(page.getByText(/From a file at 127.0.0.1:\d+: computed on/)).toBeVisible();
	await page.getByRole('button', { name: 'Share this recipe' }).click();
	const field = page.getByRole('textbox', { name: 'Link to this run' });
	await expect(field).toHaveValue(/#open=.*run\.gz&view=loss&step=40$/);
	const link = await field.inputValue();
	const first = new URL(page.url()).hash;
	await page.goto('about:blank');
	await page.goto(link);
	await page.getByRole('button', { name: 'Download and open' }).click();
	await expect(page.getByText('step 40 of')).toBeVisible();
	expect(new URL(page.url()).hash).toBe(first);
});

test('a file that cannot be read says why', async ({ page }) => {
	for (const [path, words] of [
		['/gone.gz', /has no file at this address: it answered 404/],
		['/private.gz', /does not let other pages read its files \(CORS\)/],
		['/page', /cannot be opened as a run: it is a web page/],
	] as const) {
		await page.goto('about:blank');
		await page.goto(linkTo(path));
		await page.getByRole('button', { name: 'Download and open' }).click();
		await expect(page.getByRole('alert')).toContainText(words);
		await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
	}
	await page.getByRole('button', { name: 'Do not open it' }).click();
	await expect(page.getByRole('button', { name: /Run the loop/ })).toBeEnabled();
});
