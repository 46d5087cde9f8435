// What is shown beside a password: a code, a key that is plugged into the box, or the vault's words. Pure but
// for what it is given to ask with.
import type { Refused } from './api/client';

export type Way = 'code' | 'key' | 'words';
export interface Beside { code?: string; key_seconds?: number; words?: string }

/** The box waits so long for a key in one request; much longer, and a browser would give up on the answer. */
const WAIT_SECONDS = 10;
/** How often it is asked to wait: three minutes in all. */
const WAITS = 18;

/** Asks with what is shown. With a key again and again, until it is here, `goesOn` says no, or time is up. */
export async function beside<T>(way: Way, typed: string, ask: (shown: Beside) => Promise<T>, goesOn: () => boolean): Promise<T> {
  if (way === 'words') return ask({ words: typed.trim().toLowerCase().split(/\s+/).join(' ') });
  if (way === 'code') return ask(typed.trim() ? { code: typed } : {});
  for (let left = WAITS; ; ) {
    try {
      return await ask({ key_seconds: WAIT_SECONDS });
    } catch (error) {
      left -= 1;
      if ((error as Refused).code !== 'key_not_here' || left === 0 || !goesOn()) throw error;
    }
  }
}
