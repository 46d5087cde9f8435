// Friends as the box told of them last, and which of them something is done with. Whoever shows them asks for
// them; the box says when they changed.
import { api, ask } from './api/client';
import type { Friends, FriendShown } from './api/types';

class Known {
  all = $state.raw<Friends | null>(null);

  async load() {
    this.all = await ask(api.GET('/api/v1/friends'));
  }

  /** One of them, as an act left it; null where none did. */
  put(one: FriendShown | null): boolean {
    if (one && this.all) this.all = { ...this.all, friends: this.all.friends.map((old) => (old.id === one.id ? one : old)) };
    return !!one;
  }
}

export const known = new Known();

/** What names a friend to a route. */
export const about = ({ id }: FriendShown) => ({ params: { path: { friend: id } } });
