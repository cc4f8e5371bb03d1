/** What the result holds for: goal, machine, load and mix. */
import { bytesText } from '../../../src/foundation/units.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup, prose } from '../markup.ts';
import { section } from './elements.ts';

export function validitySection({ validity, session, objective }: ReportData): Markup | null {
  if (!session || !objective) return null;
  const { environment } = session;
  return section(
    'validity',
    'What this holds for',
    'A result is about the machine, the load and the mix it was measured with.',
    [
      html`<ul class="plain-list">${validity.map((one) => html`<li>${prose(one)}</li>`)}</ul>`,
      html`<dl class="facts"><dt>Goal</dt><dd>${objective.words}</dd><dt>Guardrails</dt><dd>${objective.guardrails.join(', ') || 'none'}</dd><dt>Executor</dt><dd>${session.executor}</dd><dt>Machine</dt><dd>${environment.cpuModel}, ${environment.cores} CPUs, ${bytesText(environment.memoryBytes)}</dd><dt>Software</dt><dd>sandtune ${environment.sandtune}, Node ${environment.node}, ${environment.platform}</dd></dl>`,
    ],
  );
}
