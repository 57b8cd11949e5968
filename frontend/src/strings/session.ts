/** Words of signing in. */
export const session = {
  title: 'Sign in',
  username: 'User name',
  password: 'Password',
  submit: 'Sign in',
  required: 'Please fill this in',
  tooMany: 'Too many attempts.',
  demoTitle: 'This is a demo',
  demo: (user: string, password: string) => `Everybody may sign in as ${user} with the password ${password}.`,
  useDemo: 'Fill it in',
  noUsersTitle: 'There are no users yet',
  noUsers: 'Make the first administrator on the machine where the server runs:',
  noUsersAfter: 'Then come back and sign in.',
  lookAgain: 'I have made one',
} as const;
