import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { memoryLedger, SampleSession } from '../../support/sample-ledger.ts';
import { adviceStory, interruptedStory, noChangeStory, richStory } from '../../support/sample-stories.ts';
import { xmlFault } from '../../support/well-formed.ts';

const stories: Readonly<Record<string, readonly Entry[]>> = {
  rich: richStory(),
  'no change': noChangeStory(),
  interrupted: interruptedStory(),
  advice: adviceStory(),
  empty: [],
};
const attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;\u202e\u0000\ud800';

for (const [name, entries] of Object.entries(stories)) {
  const { html } = report(memoryLedger(entries));

  test(`the ${name} page is well-formed, from the first tag of its body to the last`, () => {
    const body = /<body>\n([\s\S]*)\n<\/body>/.exec(html)?.[1] ?? expect.fail('no body');
    expect(xmlFault(`<body>${body.replaceAll('\u00a0', ' ')}</body>`)).toBeNull();
    for (const svg of svgsOf(html)) expect(xmlFault(svg)).toBeNull();
  });

  test(`the ${name} page asks nothing of the network and runs nothing`, () => {
    const addresses = [...html.matchAll(/(?:https?:)?\/\/[\w.-]+/g)]
      .map(([one]) => one)
      .filter((one) => !one.startsWith('http://www.w3.org'));
    expect(addresses).toEqual([]);
    expect(html).not.toMatch(
      /<(script|link|iframe|object|embed|img|base|form|foreignObject)\b|@import|url\(|\son\w+=|javascript:/i,
    );
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });
}

test('every picture has a role, a title and a description that say what it shows', () => {
  const { html, data } = report(memoryLedger(stories['rich'] ?? []));
  const svgs = svgsOf(html).filter((one) => one.includes('role="img"'));
  expect(svgs.length).toBe(2 * (4 + data.trials.length));
  const ids = svgs.map((one) => /aria-labelledby="([\w-]+) ([\w-]+)"/.exec(one) ?? expect.fail('not labelled'));
  for (const [i, svg] of svgs.entries()) {
    expect(svg).toMatch(
      new RegExp(`<title id="${ids[i]?.[1]}">[^<]{5,}</title><desc id="${ids[i]?.[2]}">[^<]{20,}</desc>`),
    );
  }
  expect(new Set(ids.map(([, title]) => title)).size).toBe(svgs.length);
});

test('no coordinate of any picture is lost', () => {
  for (const entries of Object.values(stories))
    expect(report(memoryLedger(entries)).html).not.toMatch(/NaN|Infinity|undefined|\[object/);
});

test('dark, print and narrow screens are provided for', () => {
  const { html } = report(memoryLedger(stories['rich'] ?? []));
  expect(html).toContain('@media (prefers-color-scheme:dark)');
  expect(html).toContain('@media print');
  expect(html).toContain('name="viewport"');
});

test('a wide table is a list on a narrow page, each value named by its column; pairs stay a table that scrolls', () => {
  const { html, data } = report(memoryLedger(stories['rich'] ?? []));
  const tables = [...html.matchAll(/<table(?: class="([^"]*)")?>([\s\S]*?)<\/table>/g)];
  for (const [, names = '', table = ''] of tables) {
    const columns = [...table.matchAll(/<th [^>]*>([^<]*)</g)].map(([, name]) => name ?? '');
    const dense = columns[0] === 'Pair';
    expect(names.includes('stacked')).toBe(columns.length >= 4 && !dense);
    const [row = ''] = /<tbody><tr[^>]*>([\s\S]*?)<\/tr>/.exec(table)?.slice(1) ?? [];
    const named = [...row.matchAll(/<td[^>]* data-name="([^"]*)"/g)].map(([, name]) => name);
    expect(named).toEqual(names.includes('stacked') ? columns.slice(1) : []);
  }
  expect(tables.filter(([, names = '']) => names.includes('stacked')).length).toBeGreaterThan(4);
  expect(tables.filter(([all]) => all.includes('>Pair<')).length).toBe(data.trials.length);
});

test('the same ledger gives the same bytes', () => {
  const [one, two] = [report(memoryLedger(richStory())), report(memoryLedger(richStory()))];
  expect(one.html).toBe(two.html);
  expect(one.markdown).toBe(two.markdown);
  expect(one.json).toBe(two.json);
});

test('a long session stays below 500 KB and 80 lines', () => {
  const session = new SampleSession().baseline();
  for (let i = 0; i < 60; i++) {
    session.trial({
      to: { batchSize: 2 + i },
      gain: i === 30 ? 0.3 : 0.001,
      pairs: 40,
      ...(i === 30 ? {} : ({ verdict: 'inconclusive', trigger: 'futile', decision: 'revert' } as const)),
    });
    session.record({
      kind: 'not-tried',
      code: 'small-gain',
      settings: { batchSize: i },
      reason: `reason ${i} `.repeat(20),
    });
  }
  const patch = { file: 'a.ts', before: 'x\n'.repeat(40), after: '`````\n'.repeat(40) };
  session.remark({
    kind: 'patch',
    settings: { threads: 3, batchSize: 32, batchLingerMs: 0, moduleCacheCapacity: 8 },
    patches: [{ knob: 'batchSize', patch }],
  });
  const { html, markdown, data } = report(memoryLedger(session.stop().entries));
  expect(data.trials).toHaveLength(60);
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(500_000);
  expect(markdown.trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  expect(html).toContain('further trials in the table above and in the JSON');
});

test('text of the ledger cannot become markup, wherever it stands', () => {
  const clean = report(memoryLedger(richStory()));
  const poisoned = report(memoryLedger(poison(richStory({ functionName: attack }))), { title: attack });
  expect(poisoned.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(poisoned.html).not.toContain('\u202e');
  expect(tagsOf(poisoned.html)).toEqual(tagsOf(clean.html));
  const body = /<body>\n([\s\S]*)\n<\/body>/.exec(poisoned.html)?.[1] ?? '';
  expect(xmlFault(`<body>${body}</body>`)).toBeNull();
});

test('text of the ledger stays text in Markdown', () => {
  const marks = '|x| <script> ``` [a](b) \n# heading';
  const { markdown } = report(memoryLedger(poison(richStory(), marks)), { title: marks });
  const [prose, clean] = [unfenced(markdown), unfenced(report(memoryLedger(richStory())).markdown)];
  expect(prose).toContain('&lt;script>');
  expect(prose).not.toContain('<script>');
  expect(prose.match(/^#/gm)).toEqual(clean.match(/^#/gm));
  expect(prose.match(/(?<!\\)\|/g)?.length).toBe(clean.match(/(?<!\\)\|/g)?.length);
  expect(prose.split('\n').length).toBe(clean.split('\n').length);
});

test.each(['- item', '+ item', '1. item', '12) item', '---', '===', ' \n- item', '     code'])(
  'a text that begins with what begins a block of Markdown stays text: %j',
  (title) => {
    const { markdown } = report(memoryLedger(richStory()), { title });
    expect(markdown).not.toMatch(/^\s*(?:[-+] item|\d+[.)] item|---|===| {4}code)/m);
    const visible = title.trim();
    expect(markdown.replaceAll('\\', '')).toContain(`\n${visible}: noise`);
  },
);

test('a text that begins with a figure is left as it is', () => {
  expect(report(memoryLedger(richStory()), { title: '12.5 calls' }).markdown).toContain('\n12.5 calls: noise');
});

test('what Markdown does not act on stands in it as it is, so that it can be read on a terminal', () => {
  const plain = 'p99 < 50ms & errors <1% of batch_size_max, a > b';
  const { markdown } = report(memoryLedger(poison(richStory(), plain)), { title: plain });
  expect(unfenced(markdown)).toContain(plain);
  const acting = '> quote &lt; &#60; </b> <!-- _em_ __strong__ a*b*';
  const escaped = unfenced(report(memoryLedger(richStory()), { title: acting }).markdown);
  expect(escaped).toContain(
    '&gt; quote &amp;lt; &#&#x200b;60;' + ' &lt;/b> &lt;!-- \\_em\\_ \\_\\_strong\\_\\_ a\\*b\\*',
  );
});

test('text of the ledger names nobody, points at no issue and links nowhere in a pull request', () => {
  const marks =
    'ask @somebody about #12, org/repo#34 or GH-56, see https://example.org and www.example.org, mail a@b.org';
  const { markdown } = report(memoryLedger(poison(richStory(), marks)), { title: marks });
  const prose = unfenced(markdown);
  expect(prose).toContain('somebody');
  expect(prose).not.toMatch(/@\w|#\d|GH-\d|:\/\/|www\./);
});

/** Without fenced blocks, in which nothing is markup until the fence ends. */
function unfenced(markdown: string): string {
  return markdown.replace(/^(`{3,})\w+\n[\s\S]*?\n\1$/gm, 'FENCED');
}

/** The kinds of tags in the page, in order: what an injected tag would change. */
function tagsOf(html: string): string[] {
  return [...new Set([...html.matchAll(/<([a-zA-Z]+)/g)].map(([, name]) => name ?? ''))].sort();
}

/** Every free text of the ledger becomes `text`; names of settings and closed words stay. */
function poison(entries: readonly Entry[], text = attack): Entry[] {
  const free = new Set([
    'because',
    'reason',
    'detail',
    'how',
    'learns',
    'title',
    'text',
    'evidence',
    'model',
    'executor',
    'cpuModel',
    'platform',
    'source',
    'before',
    'after',
    'file',
  ]);
  const walk = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return free.has(key) ? text : value;
    if (Array.isArray(value)) return value.map((one) => walk(one, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name)]));
    return value;
  };
  return entries.map((one) => walk(one) as Entry);
}

function svgsOf(html: string): string[] {
  return [...html.matchAll(/<svg[\s\S]*?<\/svg>/g)].map(([one]) => one);
}
