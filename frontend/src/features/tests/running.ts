import type { Overrides } from '@/api';
import { tests } from '@/strings/tests';

const words = tests.running;

/** What somebody types who wants a run otherwise; empty texts say nothing. */
export interface Wanted {
  strategy: Overrides['strategy'] | '';
  base_url: string;
  width: string;
  height: string;
  locale: string;
  retries: string;
  trace: Overrides['trace'] | '';
  screenshots: Overrides['screenshots'] | '';
  model: string;
  variables: { name: string; value: string }[];
}

/** Nothing otherwise, with a line for each variable of the test. */
export function nothingOtherwise(variables: Readonly<Record<string, string>>): Wanted {
  const lines = Object.keys(variables).map((name) => ({ name, value: '' }));
  return { strategy: '', base_url: '', width: '', height: '', locale: '', retries: '', trace: '', screenshots: '', model: '', variables: lines };
}

/** What to send: only what was said. A variable counts when it has a name and a value. */
export function overridesOf(wanted: Wanted): Overrides {
  const { strategy, trace, screenshots } = wanted;
  const [base_url, locale, model, width, height, retries] = [
    wanted.base_url, wanted.locale, wanted.model, wanted.width, wanted.height, wanted.retries,
  ].map((text) => text.trim());
  const viewport = width && height ? { width: Number(width), height: Number(height) } : undefined;
  const said = wanted.variables.filter(({ name, value }) => name.trim() !== '' && value !== '');
  return {
    ...(strategy && { strategy }),
    ...(base_url && { base_url }),
    ...((viewport ?? locale) && { browser: { ...(viewport && { viewport }), ...(locale && { locale }) } }),
    ...(retries && { retries: Number(retries) }),
    ...(trace && { trace }),
    ...(screenshots && { screenshots }),
    ...(model && { model }),
    ...(said.length > 0 && { variables: Object.fromEntries(said.map(({ name, value }) => [name.trim(), value])) }),
  };
}

/** What is wrong with the size of the window, or null. */
export function sizeProblem({ width, height }: Pick<Wanted, 'width' | 'height'>): string | null {
  const sides = [width.trim(), height.trim()];
  if (sides.every((side) => side === '')) return null;
  return sides.every((side) => /^[1-9]\d{0,4}$/.test(side)) ? null : words.sizeWrong;
}

/** The field of the form for a path of the request's body: `overrides.browser.locale` as `locale`. */
export function fieldOf(path: string): string {
  return path.replace(/^overrides\./, '').replace(/^browser\.(viewport\.)?/, '').split('.')[0] ?? '';
}
