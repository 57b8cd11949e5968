import { http, HttpResponse, type RequestHandler } from 'msw';
import { setupServer } from 'msw/node';

import type { Me, ProjectOut } from '@/api';

const ROOT = 'http://localhost:3000/api/v1';
const AT = '2026-11-27T08:00:00Z';

export const me: Me = { id: 'u1', username: 'anna', role: 'admin', scopes: null };
export const project: ProjectOut = { id: 'shop', name: 'Shop', role: 'admin', created_at: AT, updated_at: AT };

/** The API of a test. Whoever is signed in and the projects are there; a test says what else it needs. */
export const server = setupServer(answer('get', '/auth/me', me), answer('get', '/projects', page(project)));

/** A list as the API gives it, in one page. */
export function page<Item>(...items: Item[]): { items: Item[]; next_cursor: string | null } {
  return { items, next_cursor: null };
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A handler that gives this answer at a path of the API (`/executions/:id`). Null answers 204. */
export function answer(method: Method, path: string, body: object | null, status = 200): RequestHandler {
  return http[method](ROOT + path, () => (body === null ? new HttpResponse(null, { status: 204 }) : HttpResponse.json(body, { status })));
}

/** A handler that refuses with a problem, as the API tells it. */
export function refuse(method: Method, path: string, status: number, detail: string, errors: { path: string; message: string }[] = []): RequestHandler {
  return answer(method, path, { detail, code: status === 401 ? 'unauthorized' : 'invalid', errors }, status);
}

/** A handler at a path of the API that computes its answer; it gets the request's JSON body, or null. */
export function reply(method: Method, path: string, make: (body: unknown, request: Request) => object | null): RequestHandler {
  return http[method](ROOT + path, async ({ request }) => {
    const text = await request.clone().text();
    const body = make(text ? asJson(text) : null, request);
    return body === null ? new HttpResponse(null, { status: 204 }) : HttpResponse.json(body);
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
