import type { CreateClientConfig } from './generated/client.gen';

/** Every call goes to this origin, and an answer that is an error is thrown. */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: globalThis.location.origin,
  throwOnError: true,
});
