/** A strict look at XML: tags nest, attributes are quoted and unique, text holds no bare < or &. */

/** The first thing wrong, or null when the text is one well-formed element. */
export function xmlFault(text: string): string | null {
  const open: string[] = [];
  let at = 0;
  let roots = 0;
  while (at < text.length) {
    const next = text.indexOf('<', at);
    const between = text.slice(at, next < 0 ? text.length : next);
    const fault = textFault(between);
    if (fault) return fault;
    if (open.length === 0 && between.trim() !== '') return `text outside the root: ${between.slice(0, 40)}`;
    if (next < 0) break;
    const tag = /^<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>/.exec(text.slice(next));
    if (!tag) return `not a tag: ${text.slice(next, next + 60)}`;
    const [whole, closing, name = '', attributes = '', empty] = tag;
    const names = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)];
    if (new Set(names.map((one) => one[1])).size !== names.length) return `attribute twice: ${whole}`;
    for (const one of names) {
      const inside = textFault(one[2] ?? '');
      if (inside) return inside;
    }
    if (closing) {
      const expected = open.pop();
      if (expected !== name) return `</${name}> closes <${expected}>`;
    } else {
      if (open.length === 0) roots++;
      if (!empty) open.push(name);
    }
    at = next + whole.length;
  }
  if (open.length > 0) return `<${open.at(-1)}> is not closed`;
  return roots === 1 ? null : `${roots} roots`;
}

function textFault(text: string): string | null {
  const bare = /&(?!(?:amp|lt|gt|quot|#\d+);)/.exec(text);
  return bare ? `bare & in ${text.slice(bare.index, bare.index + 40)}` : null;
}
