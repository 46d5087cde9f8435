// An act that the box may refuse: why it did stands in `why` until the next one is tried. For screens that
// would otherwise each catch, keep and show refusals in their own way.
import { refusal, type Refused } from './api/client';
import { withRights } from './rights.svelte';

export class Tries {
  why = $state<Refused | null>(null);
  busy = $state(false);

  /** What came of it; null when it was refused. */
  async run<T>(act: () => Promise<T>): Promise<T | null> {
    this.why = null;
    this.busy = true;
    try {
      return await act();
    } catch (error) {
      this.why = refusal(error);
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** The same, with the password asked for where the box wants it; null when nobody gave it, too. */
  raised<T>(act: () => Promise<T>): Promise<T | null> {
    return this.run(() => withRights(act));
  }
}
