/** Words of tests: the list, and one test with its YAML. */
export const tests = {
  title: 'Tests',
  make: 'New test',
  name: 'Test',
  tags: 'Tags',
  last: 'Last run',
  mix: 'Recent tiers',
  mixWords: (runs: number) => `Tiers of the last ${runs} ${runs === 1 ? 'run' : 'runs'}, oldest first`,
  changed: 'Changed',
  never: 'never run',
  search: 'Search by name',
  tag: 'Tag',
  emptyTitle: 'No tests yet',
  empty: 'Write the first one: a name, an address, and what a person would do, in plain sentences.',
  nothingTitle: 'No test fits this search',
  nothing: 'Search for something else, or clear the search.',
  clear: 'Clear search',
  yaml: 'The test as YAML',
  yamlHint: 'Steps are sentences, or an action with its selector and value. It is checked while you write.',
  start: `name: Sign in
base_url: https://example.com
steps:
  - Go to "/login"
  - Enter "anna" in the "Username" field
  - Click the "Sign in" button
  - The "Welcome" heading should be visible
`,
  good: 'Nothing is wrong with it.',
  checking: 'Checking…',
  problems: (count: number) => `${count} ${count === 1 ? 'problem' : 'problems'}`,
  save: 'Save',
  saved: 'Saved',
  create: 'Make the test',
  undo: 'Undo changes',
  run: 'Run',
  unsavedRun: 'Save the changes first: a run takes the saved test.',
  runs: 'Its runs',
  version: (version: number) => `Version ${version}`,
  remove: 'Delete',
  removeQuestion: 'Delete this test?',
  removeWords: 'Its versions go with it. Runs that were made stay in the list of runs.',
  removed: 'The test was deleted',
  othersSaved: 'Somebody else saved this test meanwhile. What you wrote is still here.',
  takeTheirs: 'Show theirs instead',
  overwrite: 'Save mine over it',
} as const;
