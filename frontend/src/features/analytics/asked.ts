import type { Bucket } from '@/api';
import { useAddressSearch } from '@/routing/address';
import { useProject } from '@/routing/session';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_HOURLY_DAYS = 3;

/** A day of UTC, some days before another moment. */
export function daysBefore(days: number, now: Date): string {
  return new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);
}

/** What the address asks the figures of. */
export interface Asked {
  readonly project_id: string;
  readonly from: string;
  readonly to?: string;
  readonly test_id?: string;
  readonly tag?: string;
}

/** The window and the filters of the address; the last 30 days where it names none. */
export function useAsked(): Asked {
  const { id } = useProject();
  const { from, to, test_id: test, tag } = useAddressSearch();
  return {
    project_id: id,
    from: from ?? daysBefore(DEFAULT_DAYS - 1, new Date()),
    ...(to && { to }),
    ...(test && { test_id: test }),
    ...(tag && { tag }),
  };
}

/** Hours or days: as the address says, else by the length of the window. */
export function useBucket({ from, to }: Asked): Bucket {
  const { bucket } = useAddressSearch();
  if (bucket === 'hour' || bucket === 'day') return bucket;
  const end = to ? new Date(to) : new Date();
  return end.getTime() - new Date(from).getTime() < MOST_HOURLY_DAYS * DAY_MS ? 'hour' : 'day';
}

/** The address of a report of the API as a file. */
export function csvAddress(report: 'tier-distribution' | 'strategy-effectiveness', asked: Asked): string {
  return `/api/v1/settings/analytics/${report}?${new URLSearchParams({ ...asked, format: 'csv' }).toString()}`;
}

/** The address of the costs of the same window as a file; tests and tags do not narrow them. */
export function costsAddress({ project_id: project, from, to }: Asked): string {
  return `/api/v1/analytics/costs?${new URLSearchParams({ project_id: project, from, ...(to && { to }), format: 'csv' }).toString()}`;
}

/** The 95 % interval of a rate in per cent, by Wilson's score; null without a sample. */
export function interval(good: number, all: number): readonly [low: number, high: number] | null {
  if (all === 0) return null;
  const z = 1.96;
  const rate = good / all;
  const scale = 1 + (z * z) / all;
  const middle = (rate + (z * z) / (2 * all)) / scale;
  const half = (z / scale) * Math.sqrt((rate * (1 - rate)) / all + (z * z) / (4 * all * all));
  return [100 * Math.max(0, middle - half), 100 * Math.min(1, middle + half)];
}
