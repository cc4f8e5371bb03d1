/** The report in a real browser: it asks the network for nothing, fits its width, and can be read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { openChromium, type Page } from '../../support/chromium.ts';
import { findProgram } from '../../support/require-program.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { richStory } from '../../support/sample-stories.ts';

const chromium = findProgram('chromium', 'apt-get install chromium');

/** Elements that reach out of the page, or text that is cut off, named by their tag and beginning. */
const overflowing = `(() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (one) => { for (let up = one.parentElement; up; up = up.parentElement) {
    const { overflowX } = getComputedStyle(up); if (overflowX === 'auto' || overflowX === 'scroll') return true; } return false; };
  return [...document.body.querySelectorAll('*')]
    .filter((one) => !one.closest('svg') && one.getBoundingClientRect().right > wide + 1 && !scrolls(one))
    .map((one) => one.tagName + ' ' + (one.textContent ?? '').slice(0, 40));
})()`;

/** WCAG contrast of every piece of text against the first background behind it; the smallest. */
const smallestContrast = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (one) => { for (let up = one; up; up = up.parentElement) {
    const colour = parse(getComputedStyle(up).backgroundColor); if (colour.length === 3 || colour[3] === 1) return colour; } return [255, 255, 255]; };
  let worst = { ratio: 21, text: '' };
  for (const one of document.body.querySelectorAll('h1, h2, h3, p, td, th, dt, dd, small, li, summary, code')) {
    if (!one.textContent?.trim() || !one.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text: one.tagName + ' ' + one.textContent.slice(0, 40) };
  }
  return worst;
})()`;

describe.skipIf(chromium.missing)(`the page in Chromium${chromium.note}`, () => {
  let page: Page;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sandtune-page-'));
    const file = join(folder, 'report.html');
    writeFileSync(file, report(memoryLedger(richStory())).html);
    url = pathToFileURL(file).href;
    page = await openChromium(chromium.path);
  });
  afterAll(async () => {
    await page?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    [1200, false],
    [1200, true],
    [390, false],
    [390, true],
  ])('a page fits %d pixels and has contrast enough, dark: %s', async (width, dark) => {
    await page.open(url, { width, dark });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await page.evaluate<string[]>(overflowing)).toEqual([]);
    const { ratio, text } = await page.evaluate<{ ratio: number; text: string }>(smallestContrast);
    expect(ratio, text).toBeGreaterThanOrEqual(4.5);
  });

  it('a page shows its pictures and asks for nothing but itself', async () => {
    await page.open(url, { width: 1200 });
    expect(await page.evaluate<number>("document.querySelectorAll('svg').length")).toBeGreaterThan(3);
    expect(new Set(page.asked)).toEqual(new Set([url]));
    expect(page.complaints).toEqual([]);
  });
});
