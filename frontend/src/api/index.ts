/** The API as the UI uses it: functions and types made from OpenAPI, queries and their keys, problems. */
import { client } from './generated/client.gen';
import { problemOf } from './problem';

client.interceptors.error.use((error, response) => problemOf(error, response));

export * from './generated/@tanstack/react-query.gen';
export * from './generated/types.gen';
export * from './problem';
export * from './queries';
export * as api from './generated/sdk.gen';
export { follow, type ServerEvent, type StreamState } from './eventStream';
export type { TierwrightServerTestsSchemasStepOut as TestStep } from './generated/types.gen';
