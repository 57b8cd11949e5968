import type { FieldProblem, ProblemBody } from './generated/types.gen';

/** An error that the API told, or the lack of an answer (status 0). Paths of `errors` are those of the body's fields. */
export class ApiProblem extends Error implements ProblemBody {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: FieldProblem[];

  constructor(status: number, code: string, detail: string, errors: FieldProblem[] = []) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
  }

  /** Whether the server could not be reached, or is not ready: trying again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

const NO_ANSWER = 'The server does not answer. Look whether this machine is online and the server runs.';

/** What went wrong with a call, from its body and its answer. No answer at all: the network. */
export function problemOf(body: unknown, response: Response | undefined): unknown {
  if (body instanceof DOMException && body.name === 'AbortError') return body;
  if (response === undefined) return new ApiProblem(0, 'offline', NO_ANSWER);
  const told = isRecord(body) ? body : {};
  const detail = typeof told.detail === 'string' ? told.detail : `The server answered ${response.status}.`;
  const code = typeof told.code === 'string' ? told.code : 'error';
  return new ApiProblem(response.status, code, detail, fieldsOf(told.errors));
}

function fieldsOf(errors: unknown): FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: unknown) =>
    isRecord(error) && typeof error.path === 'string' && typeof error.message === 'string'
      ? [{ path: error.path.replace(/^(body|query|path)\./, ''), message: error.message }]
      : [],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An error in words for a person. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
