// Asks the box. Types and paths are those of its document; a refusal becomes `Refused`, in the box's words.
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import type { Problem } from './types';

/** How long an answer may take. Checking a password takes the box a second or two. */
const PATIENCE = 30_000;

/** Why not, as the box says it; `unreachable` when nothing came back. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly next: string,
    readonly status = 0,
  ) {
    super(detail);
  }
}

let word = '';

/** The word that whatever changes something carries. */
export function setPageWord(csrf: string) {
  word = csrf;
}

export function pageWord(): string {
  return word;
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => fetch(new Request(request, { signal: AbortSignal.timeout(PATIENCE) })),
});

api.use({
  onRequest({ request }) {
    if (word && request.method !== 'GET') request.headers.set('x-holdfast-csrf', word);
    return request;
  },
});

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer, or `Refused`. */
export async function ask<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answer: Answered<T>;
  try {
    answer = await asked;
  } catch (error) {
    throw new Refused('unreachable', String(error), '');
  }
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  const said = answer.error as Partial<Problem> | undefined;
  throw new Refused(said?.code ?? 'failed', said?.detail ?? '', said?.next ?? '', answer.response.status);
}

/** Whatever was thrown, as a refusal. */
export function refusal(error: unknown): Refused {
  return error instanceof Refused ? error : new Refused('failed', String(error), '');
}
