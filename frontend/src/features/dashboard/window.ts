import { day } from '@/components/format';

/** The window of a part, as words. */
export function windowOf({ from, to }: { from: string; to: string }): string {
  return `${day(new Date(from))} – ${day(new Date(to))}`;
}
