// Computers that back themselves up: which devices are some, when each last did, what is typed to pair one. Pure.
import type { OneDevice, Source } from './api/types';

export interface Computer {
  id: string;
  name: string;
  source: string;
  /** Bytes, where they are counted: of a device with a quota. */
  stored: number | null;
  used_ms: number | null;
  /** When the newest version of its source came; null when there is none, or nobody knows. */
  newest_ms: number | null;
}

type Seen = Pick<Source, 'name' | 'space'> & { newest_ms: number | null };

/** What a device has stored; null where nobody counts, which is no zero. */
export function counted({ quota, stored }: { quota?: number | null | undefined; stored: number }): number | null {
  return quota === null || quota === undefined ? null : stored;
}

/** Those among the devices. A source that everybody shares is of no device, whatever it is called. */
export function computers(devices: OneDevice[], sources: Seen[] | null): Computer[] {
  return devices.flatMap(({ id, name, scope, quota, stored, used_ms }) => {
    if (!('backup' in scope)) return [];
    const source = scope.backup.source;
    const own = sources?.find((one) => one.name === source && one.space !== 'everyone');
    return [{ id, name, source, stored: counted({ quota, stored }), used_ms: used_ms ?? null, newest_ms: own?.newest_ms ?? null }];
  });
}

/** What is typed at the computer to reach this box. */
export function pairCommand(host: string): string {
  return `holdfast pair ${host}`;
}

export function agentCommand(host: string): string {
  return `holdfast --box ${host} agent install ~/Documents ~/Pictures`;
}

/** An address that means, on every computer, that computer itself. */
export function isItself(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
