// The password once more, for what cannot be undone or gives power away. The box decides when: an act is
// tried, and when the box wants the password first, it is asked for and the act is tried again.
import { refusal } from './api/client';

class Rights {
  /** Somebody is asked for the password now. */
  asking = $state(false);
  #answer: ((given: boolean) => void) | null = null;

  /** Asks; true once rights are raised. */
  raise(): Promise<boolean> {
    this.asking = true;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  done(given: boolean) {
    this.asking = false;
    this.#answer?.(given);
    this.#answer = null;
  }
}

export const rights = new Rights();

/** Does it, with the password asked for where the box wants it. Null when nobody gave it. */
export async function withRights<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (refusal(error).code !== 'not_elevated') throw error;
    return (await rights.raise()) ? act() : null;
  }
}
