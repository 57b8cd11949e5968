/** Figures as people read them. A figure that is not known is said to be unknown, never 0. */
import { common } from '@/strings/common';

type Maybe = number | null | undefined;

/** Dollars; cents below a dollar get more digits, because a step costs hundredths of one. */
export function money(dollars: Maybe): string {
  if (dollars === null || dollars === undefined) return common.unknown;
  const digits = dollars !== 0 && Math.abs(dollars) < 1 ? 4 : 2;
  return `$${dollars.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

/** A span of time given in milliseconds, in its two largest units. */
export function duration(milliseconds: Maybe): string {
  if (milliseconds === null || milliseconds === undefined) return common.unknown;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** A rate that is given in per cent. */
export function percent(rate: Maybe): string {
  if (rate === null || rate === undefined) return '–';
  return `${rate.toLocaleString('en', { maximumFractionDigits: 1 })} %`;
}

/** What people call a strategy; its id where it is none that is known here. */
export function strategyName(id: string): string {
  const names: Readonly<Record<string, string>> = common.strategies;
  return names[id] ?? id;
}

/** A count with separators. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];
const WEEK_SECONDS = 7 * 86_400;

/** How long ago a moment was, or when it is due; a date when that is more than a week away. */
export function relative(moment: Date, now: Date): string {
  const seconds = Math.round((moment.getTime() - now.getTime()) / 1000);
  if (Math.abs(seconds) >= WEEK_SECONDS) return day(moment);
  const [unit, size] = STEPS.find(([, least]) => Math.abs(seconds) >= least) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

/** A day. */
export function day(moment: Date): string {
  return moment.toLocaleDateString('en', { year: 'numeric', month: 'short', day: 'numeric' });
}

/** A moment to the second, in the reader's own time zone, which it names. */
export function exact(moment: Date): string {
  return moment.toLocaleString('en', {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
  });
}

/** A moment to the minute in a time zone, which it names; in the reader's own where the browser does not know the zone. */
export function inZone(moment: Date, timeZone: string): string {
  const parts = { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const;
  try {
    return moment.toLocaleString('en', { ...parts, timeZone });
  } catch (error) {
    if (error instanceof RangeError) return moment.toLocaleString('en', parts);
    throw error;
  }
}
