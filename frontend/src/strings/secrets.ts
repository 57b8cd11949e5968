/** Words of a project's secrets. */
export const secrets = {
  title: 'Secrets',
  hint: 'Values that tests name under “secrets:” and use as {{name}}. They are stored sealed; nobody can read them back, only replace them.',
  name: 'Name of the secret',
  nameWrong: 'Begin with a letter or _, then letters, digits, _ . -',
  value: 'Value',
  valueWrong: 'Write a value',
  keep: 'Keep secret',
  kept: 'The secret is kept.',
  changed: 'Last set',
  forget: 'Forget',
  forgetQuestion: (name: string) => `Forget ${name}?`,
  forgetConsequence: 'Tests that name it fail until it is set again.',
  forgotten: 'The secret is forgotten.',
  none: 'No secrets yet',
  noneHint: 'Keep passwords here that tests type, so that no test file holds them.',
} as const;
