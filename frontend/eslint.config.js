import { readdirSync } from 'node:fs';

import hooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What each layer may not import: `app` knows features, features know no other feature, the rest knows neither. */
const features = readdirSync(new URL('./src/features', import.meta.url));
const app = { regex: '^@/app(/|$)', message: 'Only src/app and src/main.tsx know the app.' };
const anyFeature = { regex: '^@/features(/|$)', message: 'Only src/app knows the features.' };
const climbing = { regex: '^\\.\\./', message: 'Import from another folder by @/.' };
const feature = (name) => ({
  regex: `^@/features/(?!${name}(/|$))`,
  message: 'A feature imports no other feature; put what both need into components/ or routing/.',
});
const forbidding = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [climbing, ...patterns] }] },
});

export default defineConfig(
  globalIgnores(['src/api/generated', 'public', 'scripts', 'eslint.config.js', 'node_modules']),
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // TanStack Router ends a load by throwing a redirect.
      '@typescript-eslint/only-throw-error': ['error', { allow: ['Redirect', 'NotFoundError'] }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  forbidding(['src/app/**'], ),
  forbidding(['src/{api,components,routing,strings,theme,testing}/**'], app, anyFeature),
  ...features.map((name) => forbidding([`src/features/${name}/**`], app, feature(name))),
  { files: ['**/*.test.{ts,tsx}', 'src/testing/**'], rules: { 'max-lines-per-function': 'off' } },
);
