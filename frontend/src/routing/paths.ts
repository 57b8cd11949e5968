/** Where something is: what a link or a navigation takes. */
export interface Place {
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
}

type Search = Readonly<Record<string, string | null | undefined>>;

function place(to: string, search: Search = {}): Place {
  const given = Object.entries(search).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length ? { to, search: Object.fromEntries(given) } : { to };
}

const inProject =
  (path: string) =>
  (project: string, search?: Search): Place =>
    place(`/p/${project}${path}`, search);

const ofOne =
  (path: string) =>
  (project: string, id: string, search?: Search): Place =>
    place(`/p/${project}${path}/${encodeURIComponent(id)}`, search);

/** The addresses of the UI's pages. A feature links to another one by these, and needs to know nothing else of it. */
export const paths = {
  home: (): Place => place('/'),
  signIn: (next?: string): Place => place('/sign-in', next && next !== '/' ? { next } : {}),
  account: (): Place => place('/account'),
  tokens: (): Place => place('/account/tokens'),
  users: (): Place => place('/users'),
  projects: (): Place => place('/projects'),
  project: (id: string): Place => place(`/projects/${id}`),
  dashboard: inProject('/'),
  tests: inProject('/tests'),
  newTest: inProject('/tests/new'),
  test: ofOne('/tests'),
  /** The versions of a test; takes `from` and `to`, the numbers of the two that are compared. */
  versions: (project: string, test: string, search?: Search): Place => place(`/p/${project}/tests/${encodeURIComponent(test)}/versions`, search),
  suites: inProject('/suites'),
  suite: ofOne('/suites'),
  /** Takes the filters of `GET /executions` as its search: `status`, `test_id`, `suite_id`, `from`, `to` and so on. */
  runs: inProject('/runs'),
  run: ofOne('/runs'),
  /** Takes `status` and `kind` of `GET /heals`. */
  heals: inProject('/heals'),
  heal: ofOne('/heals'),
  schedules: inProject('/schedules'),
  /** Takes `suite_id`: what it shall run. */
  newSchedule: inProject('/schedules/new'),
  schedule: ofOne('/schedules'),
  /** Takes `from`, `to`, `test_id` and `tag`. */
  analytics: inProject('/analytics'),
  settings: inProject('/settings'),
} as const;
