import { heals } from '@/strings/heals';

type Look = Readonly<Record<string, unknown>>;

/** One property of an element, before and now. */
export interface Difference {
  readonly name: string;
  readonly before: string;
  readonly now: string;
  readonly changed: boolean;
}

/** What is known of both elements, property by property; what changed comes first. */
export function differences(before: Look | null, now: Look): Difference[] {
  const rows = Object.entries(heals.properties).map(([key, name]) => {
    const [old, fresh] = [wordsOf(before?.[key]), wordsOf(now[key])];
    return { name, before: old, now: fresh, changed: before !== null && old !== fresh };
  });
  return rows.filter((row) => row.before || row.now).toSorted((a, b) => Number(b.changed) - Number(a.changed));
}

/** A property of a fingerprint in words: a text, a list, or a list of (name, value) pairs. */
function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((part: unknown) => (Array.isArray(part) ? part.map(String).join('=') : String(part))).join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
