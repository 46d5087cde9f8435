// Does one act with one disk, as the box has a route for each. The answer is how the disks are then.
import { api, ask } from './api/client';
import type { Disks } from './api/types';
import { box } from './box.svelte';
import { withRights } from './rights.svelte';

export interface Asked {
  /** The last four of its serial, typed. */
  typed?: string;
  /** The volume in whose place it goes. */
  replaces?: string;
  on?: boolean;
}

type Plain = 'skip-wait' | 'undo' | 'confirm' | 'replace' | 'retire' | 'keep' | 'trust';

function send(disk: string, act: Plain | 'adopt' | 'erase' | 'find', said: Asked): Promise<Disks> {
  const params = { params: { path: { disk } } };
  const replaces = said.replaces ? { replaces: said.replaces } : {};
  switch (act) {
    case 'adopt':
      return ask(api.POST('/api/v1/disks/{disk}/adopt', { ...params, body: replaces }));
    case 'erase':
      return ask(api.POST('/api/v1/disks/{disk}/erase', { ...params, body: { typed: said.typed ?? '', ...replaces } }));
    case 'find':
      return ask(api.POST('/api/v1/disks/{disk}/find', { ...params, body: { on: said.on ?? true } }));
    default:
      return ask(api.POST(`/api/v1/disks/{disk}/${act}`, params));
  }
}

/** Does it, and shows what became of it. False when the password was wanted and not given. */
export async function act(disk: string, what: Plain | 'adopt' | 'erase' | 'find', said: Asked = {}): Promise<boolean> {
  const disks = await withRights(() => send(disk, what, said));
  if (!disks) return false;
  box.disks = disks;
  return true;
}
