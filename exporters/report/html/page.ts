/** ReportData → one HTML file that needs nothing else: no script, no font, no network. */
import type { ReportData } from '../data.ts';
import { html, longestText } from '../markup.ts';
import { changeSection } from './change.ts';
import { costSection } from './cost.ts';
import type { Detail } from './detail.ts';
import { evidenceSection } from './evidence.ts';
import { headline } from './headline.ts';
import { latencySection, stagesSection } from './latency.ts';
import { noticesSection } from './notices.ts';
import { pointsSection } from './points.ts';
import { predictionsSection } from './predictions.ts';
import { reproduceSection } from './reproduce.ts';
import { revertsSection } from './reverts.ts';
import { stripsSection } from './strips.ts';
import { styleSheet } from './style.ts';
import { validitySection } from './validity.ts';

const sections = [
  noticesSection,
  changeSection,
  evidenceSection,
  stripsSection,
  revertsSection,
  pointsSection,
  latencySection,
  stagesSection,
  predictionsSection,
  validitySection,
  costSection,
  reproduceSection,
] as const;

/** A page is never larger than this. */
const pageBytes = 500_000;

/** Tried in turn, until the page is small enough. */
const details: readonly Detail[] = [
  { strips: 12, rows: 40, points: 120, textLength: longestText },
  { strips: 8, rows: 40, points: 120, textLength: 1_000 },
  { strips: 4, rows: 40, points: 60, textLength: 500 },
  { strips: 2, rows: 30, points: 40, textLength: 300 },
  { strips: 0, rows: 20, points: 20, textLength: 200 },
  { strips: 0, rows: 8, points: 0, textLength: 200 },
];

/** Characters of one text in the verdict, which is shortened less than the sections below it. */
const headlineTextLength = 1_000;

export function renderHtml(data: ReportData): string {
  for (const detail of details) {
    const body = sectionsOf(data, detail);
    const page = body !== null && pageOf(data, body);
    if (page && Buffer.byteLength(page) <= pageBytes) return page;
  }
  // No step was enough; the verdict and its figures always fit.
  return pageOf(data, html`<p class="soft">There is more than fits on a page: the JSON has it all.</p>`.text);
}

/** null as soon as they are too long for a page, so that what nobody will read is not written. */
function sectionsOf(data: ReportData, detail: Detail): string | null {
  let text = '';
  for (const section of sections) {
    text += section(data, detail)?.clippedTo(detail.textLength) ?? '';
    if (text.length > pageBytes) return null;
  }
  return text;
}

function pageOf(data: ReportData, body: string): string {
  const head = html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${data.verdict.action} (${data.title})</title>`;
  const [top, foot] = [headline(data), html`<footer>${footerText(data)}</footer>`];
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.clippedTo(headlineTextLength)}\n<style>${styleSheet}</style>\n</head>\n<body>\n<main>${top.clippedTo(headlineTextLength)}${body}${foot.text}</main>\n</body>\n</html>\n`;
}

function footerText({ session, schemaVersion }: ReportData): string {
  return `Written from the ledger by sandtune${session ? ` ${session.environment.sandtune}, session ${session.session}` : ''}. Report schema ${schemaVersion}.`;
}
