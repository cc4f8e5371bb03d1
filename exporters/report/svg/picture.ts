/**
 * The frame of every picture: an SVG with a title and a description for those who do not see it.
 * Pictures are functions of their width: each is drawn twice, wide and narrow, and the style sheet
 * shows the one that fits, so that text keeps its size on a small screen.
 */
import { html, type Markup, type MarkupValue } from '../markup.ts';

export interface Frame {
  /** Unique in the page; letters, digits and dashes. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, in words: its text alternative. */
  readonly description: string;
}

export interface Drawing {
  readonly height: number;
  readonly body: MarkupValue;
}

export const wideWidth = 860;
const narrowWidth = 350;

/** Both sizes of a picture. */
export function picture(frame: Frame, draw: (width: number) => Drawing): Markup {
  return html`${svg('wide', wideWidth, frame, draw)}${svg('narrow', narrowWidth, frame, draw)}`;
}

function svg(
  size: 'wide' | 'narrow',
  width: number,
  { id, title, description }: Frame,
  draw: (width: number) => Drawing,
): Markup {
  const { height, body } = draw(width);
  const name = `${id}-${size}`;
  return html`<svg class="${size}" role="img" aria-labelledby="${name}-t ${name}-d" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"><title id="${name}-t">${title}</title><desc id="${name}-d">${description}</desc>${body}</svg>`;
}

/** A text in a picture. @param className of the style sheet: 'label', 'tick', 'strong' … */
export function svgText(
  x: number,
  y: number,
  content: string,
  { anchor = 'start', className = 'tick' }: { anchor?: 'start' | 'middle' | 'end'; className?: string } = {},
): Markup {
  return html`<text x="${x}" y="${y}" class="${className}" text-anchor="${anchor}">${content}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): Markup {
  return html`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${className}"/>`;
}

/** Zero and negative sizes are drawn as a hair, so that nothing that exists is invisible. */
export function rect(x: number, y: number, width: number, height: number, className: string, title?: string): Markup {
  const open = html`<rect x="${x}" y="${y}" width="${Math.max(0.5, width)}" height="${Math.max(0.5, height)}" class="${className}"`;
  return title === undefined ? html`${open}/>` : html`${open}><title>${title}</title></rect>`;
}

function path(points: readonly (readonly [number, number])[], className: string): Markup {
  // The points are given as numbers, not as one text, because a long text would be cut in the middle of the path.
  return html`<path class="${className}" d="${points.map(([x, y], i) => html`${i === 0 ? 'M' : 'L'}${x} ${y}`)}"/>`;
}

/** A staircase: the value holds until the next point; nothing is interpolated. */
export function stairs(points: readonly (readonly [number, number])[], className: string): Markup {
  return path(
    points.flatMap((point, i) => (i === 0 ? [point] : [[point[0], points[i - 1]![1]] as const, point])),
    className,
  );
}

/** Pixels a character takes, in the widest of the usual system fonts: a label too short is better than one that overlaps. */
export const characterWidth = { plain: 6.8, strong: 8.2 } as const;

type Weight = keyof typeof characterWidth;

/** Text cut to what fits in `width` pixels. */
export function fitted(content: string, width: number, weight: Weight = 'plain'): string {
  const room = Math.max(3, Math.floor(width / characterWidth[weight]));
  return content.length <= room ? content : `${content.slice(0, room - 1)}…`;
}

/** Up to `most` lines that fit in `width` pixels, broken at spaces; the last one is cut. */
export function wrapped(content: string, width: number, most: number, weight: Weight = 'plain'): readonly string[] {
  const room = Math.max(3, Math.floor(width / characterWidth[weight]));
  const at = content.lastIndexOf(' ', room);
  if (content.length <= room || most <= 1 || at <= 0) return [fitted(content, width, weight)];
  return [content.slice(0, at), ...wrapped(content.slice(at + 1), width, most - 1, weight)];
}
