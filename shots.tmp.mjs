import { chromium } from 'playwright';
import { launchOptions } from './scripts/chromium.mjs';
const browser = await chromium.launch(launchOptions(process.env.CHROMIUM_PATH));
for (const [scheme, width, height] of [['light',1280,900],['dark',1280,900],['light',390,844],['dark',390,844]]) {
  const ctx = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await ctx.newPage();
  page.on('console', (m) => m.type() === 'error' && console.log('ERR', m.text().slice(0, 300)));
  await page.goto('http://localhost:4731/');
  await page.getByRole('button', { name: '(other models)' }).click();
  await page.waitForTimeout(2500);
  await page.screenshot({ path: `/tmp/shots/dialog-${scheme}-${width}.png` });
  const dlg = page.locator('dialog[open]');
  await dlg.evaluate((d) => { d.scrollTop = 500; });
  await page.waitForTimeout(200);
  await page.screenshot({ path: `/tmp/shots/dialog2-${scheme}-${width}.png` });
  await dlg.evaluate((d) => { d.querySelectorAll('details').forEach((x) => (x.open = true)); d.scrollTop = 99999; });
  await page.waitForTimeout(200);
  await page.screenshot({ path: `/tmp/shots/dialog3-${scheme}-${width}.png` });
  if (scheme === 'light') {
    console.log(width, await page.evaluate(() => document.documentElement.scrollWidth), await dlg.evaluate((d) => d.scrollWidth + '/' + d.clientWidth));
    await page.keyboard.press('Escape');
    await page.goto('http://localhost:4731/#shelf'); await page.reload();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `/tmp/shots/shelf-${width}.png`, fullPage: true });
  }
  await ctx.close();
}
await browser.close();
