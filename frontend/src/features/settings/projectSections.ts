import type { HealPolicy, ProjectSettings } from '@/api';
import { settings } from '@/strings/settings';

import type { SectionPlan } from './useSection';

const words = settings.project;

type Typed = number | string;

/** What was typed into a field for a number; null: nothing. */
const numberOf = (typed: Typed): number | null => (typeof typed === 'string' && typed.trim() === '' ? null : Number(typed));

const within =
  (least: number, most: number, { whole, empty }: { whole: boolean; empty: boolean }, wrong: string) =>
  (typed: Typed): string | null => {
    const value = numberOf(typed);
    if (value === null) return empty ? null : wrong;
    return value >= least && value <= most && (!whole || Number.isInteger(value)) ? null : wrong;
  };

const oneOf =
  (...names: string[]) =>
  (path: string): string | undefined =>
    names.find((name) => path === name || path.startsWith(`${name}.`));

/** The settings with some set, and those that are null or empty left out: the server knows no nulls. */
function withValues(saved: ProjectSettings, change: { [Name in keyof ProjectSettings]: ProjectSettings[Name] | null }): ProjectSettings {
  return Object.fromEntries(Object.entries({ ...saved, ...change }).filter(([, value]) => value !== null && value !== ''));
}

/** Environment variables in which the server finds the keys of providers (docs/models.md). */
const KEYS: Readonly<Record<string, string>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  google: 'GOOGLE_API_KEY',
  'openai-compatible': 'TIERWRIGHT_MODEL_API_KEY',
};

/** The variable that holds the key of a model's provider; undefined where none is needed. */
export const keyVariable = (model: string): string | undefined => KEYS[model.split(':')[0] ?? ''];

const isModel = (name: string): boolean => name === '' || name === 'local' || (keyVariable(name) !== undefined && /:./.test(name));

export const modelPlan: SectionPlan<{ model: string; model_base_url: string }> = {
  title: words.model,
  read: ({ model = '', model_base_url = '' }) => ({ model, model_base_url }),
  write: (saved, { model, model_base_url: url }) => withValues(saved, { model: model.trim(), model_base_url: url.trim() }),
  validate: { model: (name) => (isModel(name.trim()) ? null : words.modelWrong) },
  fieldOf: oneOf('model_base_url', 'model'),
};

export const budgetPlan: SectionPlan<{ budget_usd: Typed }> = {
  title: words.budget,
  read: ({ budget_usd: budget }) => ({ budget_usd: budget ?? '' }),
  write: (saved, { budget_usd: typed }) => withValues(saved, { budget_usd: numberOf(typed) }),
  validate: { budget_usd: within(0, 1_000_000, { whole: false, empty: true }, words.budgetWrong) },
  fieldOf: oneOf('budget_usd'),
};

export const healingPlan: SectionPlan<{ heal_policy: HealPolicy }> = {
  title: words.healing,
  read: ({ heal_policy: policy = 'warn' }) => ({ heal_policy: policy }),
  write: (saved, values) => withValues(saved, values),
  validate: {},
  fieldOf: oneOf('heal_policy'),
};

export const hostsPlan: SectionPlan<{ allowed_hosts: string }> = {
  title: words.hosts,
  read: ({ allowed_hosts: hosts = [] }) => ({ allowed_hosts: hosts.join('\n') }),
  write: (saved, { allowed_hosts: text }) => withValues(saved, { allowed_hosts: text.split(/\s+/).filter(Boolean) }),
  validate: {},
  fieldOf: oneOf('allowed_hosts'),
};

const days = within(1, 3650, { whole: true, empty: true }, words.daysWrong);

export const limitsPlan: SectionPlan<{ concurrency: Typed; runs: Typed; artifacts: Typed }> = {
  title: words.limits,
  read: ({ concurrency = 4, retention_days: kept = {} }) => ({ concurrency, runs: kept.runs ?? '', artifacts: kept.artifacts ?? '' }),
  write: (saved, { concurrency, runs, artifacts }) => {
    const kept = Object.entries({ runs: numberOf(runs), artifacts: numberOf(artifacts) }).filter(([, value]) => value !== null);
    return withValues(saved, { concurrency: Number(concurrency), retention_days: Object.fromEntries(kept) });
  },
  validate: { concurrency: within(1, 64, { whole: true, empty: false }, words.concurrencyWrong), runs: days, artifacts: days },
  fieldOf: (path) => oneOf('concurrency', 'runs', 'artifacts')(path.replace(/^retention_days\./, '')),
};
