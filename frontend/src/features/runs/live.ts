import type { ServerEvent } from '@/api';
import type { Tier } from '@/components/badges';

/** A step of a run that is being made, as its events tell of it. */
export interface LiveStep {
  readonly index: number;
  readonly title: string;
  readonly status: string;
  readonly tier: Tier | null;
  readonly ms: number | null;
  readonly cost: number | null;
  readonly error: string | null;
}

/** What the events of a run have told so far. */
export interface LiveRun {
  readonly started: boolean;
  readonly trial: number;
  readonly steps: readonly LiveStep[];
  readonly finished: boolean;
}

export const NOTHING_YET: LiveRun = { started: false, trial: 1, steps: [], finished: false };

/** The run after one more event. A new try, or a worker that begins anew, begins with no steps. */
export function after(run: LiveRun, { kind, data }: ServerEvent): LiveRun {
  const told = isRecord(data) ? data : {};
  const index = numberOf(told.step_index);
  switch (kind) {
    case 'queued':
      return NOTHING_YET;
    case 'try_started':
      return { ...run, started: true, trial: numberOf(told.try) ?? run.trial, steps: [] };
    case 'run_finished':
      return { ...run, finished: true };
    case 'step_started':
      return index === null ? run : withStep(run, { ...begun(index), title: textOf(told.title) ?? textOf(told.action) ?? '' });
    case 'tier_started':
      return index === null ? run : changed(run, index, { tier: tierOf(told.tier) });
    case 'step_finished':
      return index === null ? run : changed(run, index, outcome(told));
    default:
      return run;
  }
}

function begun(index: number): LiveStep {
  return { index, title: '', status: 'running', tier: null, ms: null, cost: null, error: null };
}

function outcome(told: Record<string, unknown>): Partial<LiveStep> {
  return {
    status: textOf(told.status) ?? 'running',
    tier: tierOf(told.tier),
    ms: numberOf(told.duration_ms),
    cost: numberOf(told.cost_usd),
    error: textOf(told.error_message),
  };
}

function changed(run: LiveRun, index: number, change: Partial<LiveStep>): LiveRun {
  return withStep(run, { ...(run.steps.find((step) => step.index === index) ?? begun(index)), ...change });
}

function withStep(run: LiveRun, step: LiveStep): LiveRun {
  const others = run.steps.filter(({ index }) => index !== step.index);
  return { ...run, steps: [...others, step].toSorted((a, b) => a.index - b.index) };
}

/** A tier of the API; null where there is none. */
export function tierOf(value: unknown): Tier | null {
  return value === 1 || value === 2 || value === 3 ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
