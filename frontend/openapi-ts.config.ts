import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: './openapi.json',
  output: { path: './src/api/generated', clean: true },
  logs: { file: false, level: 'warn' },
  plugins: [
    { name: '@hey-api/client-fetch', runtimeConfigPath: './src/api/client-config' },
    '@hey-api/sdk',
    '@hey-api/typescript',
    { name: '@tanstack/react-query', queryKeys: { tags: true } },
  ],
});
