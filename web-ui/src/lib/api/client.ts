// Asks the box. Types and paths are those of its document; a refusal becomes `Refused`, in the box's words.
import type { Client } from 'openapi-fetch';
import { address, type Params } from './address';
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

interface Init {
  params?: Params;
  body?: unknown;
  headers?: Record<string, string>;
  /** Gives up earlier than patience does. */
  signal?: AbortSignal;
}

/** As `openapi-fetch` would, which gives the types; of its code the page needs these lines. */
async function send(method: string, route: string, { params, body, headers, signal }: Init = {}) {
  const response = await fetch(address(route, params), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(word && method !== 'GET' && { 'x-holdfast-csrf': word }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]),
  });
  const text = await response.text();
  let said: unknown = text;
  try {
    said = text ? JSON.parse(text) : undefined;
  } catch (error) {
    // What is no JSON is told as it stands where something went wrong, and is an error where nothing did.
    if (response.ok) throw error;
  }
  return response.ok ? { data: said, response } : { error: said, response };
}

const by = (method: string) => (route: string, init?: Init) => send(method, route, init);

export const api = { GET: by('GET'), PUT: by('PUT'), POST: by('POST'), PATCH: by('PATCH'), DELETE: by('DELETE') } as unknown as Pick<Client<paths>, 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'>;

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
