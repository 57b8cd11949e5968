import type { ExecutionSettingsChange, ExecutionSettingsOut } from '@/api';
import { settings } from '@/strings/settings';

const words = settings.execution;

type Six = Pick<
  ExecutionSettingsOut,
  | 'fallback_strategy'
  | 'tier1_timeout_seconds'
  | 'tier2_timeout_seconds'
  | 'tier3_timeout_seconds'
  | 'max_retries_per_tier'
  | 'track_effectiveness'
>;

/** The settings while they are being typed: a number may be half written. */
export type ExecutionValues = { [Name in keyof Six]: Six[Name] extends number ? number | string : Six[Name] };

/** What the server gives to somebody who never changed anything (contract, section 4). */
export const DEFAULTS: ExecutionValues = {
  fallback_strategy: 'option_c',
  tier1_timeout_seconds: 30,
  tier2_timeout_seconds: 30,
  tier3_timeout_seconds: 30,
  max_retries_per_tier: 1,
  track_effectiveness: true,
};

/** The six settings of what the server keeps. */
export function valuesOf(saved: ExecutionSettingsOut): ExecutionValues {
  return {
    fallback_strategy: saved.fallback_strategy,
    tier1_timeout_seconds: saved.tier1_timeout_seconds,
    tier2_timeout_seconds: saved.tier2_timeout_seconds,
    tier3_timeout_seconds: saved.tier3_timeout_seconds,
    max_retries_per_tier: saved.max_retries_per_tier,
    track_effectiveness: saved.track_effectiveness,
  };
}

/** What to send, from values that were found valid. */
export function changeOf(values: ExecutionValues): ExecutionSettingsChange {
  return {
    ...values,
    tier1_timeout_seconds: Number(values.tier1_timeout_seconds),
    tier2_timeout_seconds: Number(values.tier2_timeout_seconds),
    tier3_timeout_seconds: Number(values.tier3_timeout_seconds),
    max_retries_per_tier: Number(values.max_retries_per_tier),
  };
}

const within = (least: number, most: number, whole: boolean, wrong: string) => (value: number | string): string | null => {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return number >= least && number <= most && (!whole || Number.isInteger(number)) ? null : wrong;
};

const timeout = within(1, 300, false, words.timeoutWrong);

/** The same ranges as the server's. */
export const RULES = {
  tier1_timeout_seconds: timeout,
  tier2_timeout_seconds: timeout,
  tier3_timeout_seconds: timeout,
  max_retries_per_tier: within(0, 3, true, words.retriesWrong),
};
