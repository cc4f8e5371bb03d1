/** ReportData → one HTML file that needs nothing else: no script, no font, no network. */
import type { ReportData } from '../data.ts';
import { html } from '../markup.ts';
import { changeSection } from './change.ts';
import { costSection, reproduceSection, validitySection } from './colophon.ts';
import { evidenceSection } from './evidence.ts';
import { hero } from './hero.ts';
import { latencySection, stagesSection } from './latency.ts';
import { stripsSection } from './strips.ts';
import { styleSheet } from './style.ts';
import { predictionsSection, rollbacksSection, testedSection } from './tested.ts';

const sections = [
  changeSection,
  evidenceSection,
  stripsSection,
  rollbacksSection,
  testedSection,
  latencySection,
  stagesSection,
  predictionsSection,
  validitySection,
  costSection,
  reproduceSection,
] as const;

/** A page is never larger than this. */
export const pageBytes = 500_000;

/** Trials shown as pictures, until the page is small enough. */
const detail = [12, 8, 4, 2, 0] as const;

export function renderHtml(data: ReportData): string {
  let page = '';
  for (const shownStrips of detail) {
    page = render(data, shownStrips);
    if (Buffer.byteLength(page) <= pageBytes) break;
  }
  return page;
}

function render(data: ReportData, shownStrips: number): string {
  const head = html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${data.verdict.action} (${data.title})</title>`;
  const body = html`<main>${hero(data)}${sections.map((one) => one(data, shownStrips))}<footer>${footerText(data)}</footer></main>`;
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.text}\n<style>${styleSheet}</style>\n</head>\n<body>\n${body.text}\n</body>\n</html>\n`;
}

function footerText({ session, schemaVersion }: ReportData): string {
  return `Written from the ledger by sandtune${session ? ` ${session.environment.sandtune}, session ${session.session}` : ''}. Report schema ${schemaVersion}.`;
}
