// What a restore to drives needs to know of disks, jobs and refusals. Pure.
import type { DiskShown, JobSpec } from './api/types';

/** Drives that plain files may be written to: they have a file system, and are none of the vault's. */
export function drives(disks: DiskShown[]): DiskShown[] {
  const fits = (disk: DiskShown) => ['usb', 'card', 'virtual', 'sata', 'nvme', 'other'].includes(disk.transport);
  return disks.filter((disk) => !disk.joining && !disk.volume && (disk.life === 'rescue' || (disk.life === 'foreign' && fits(disk))));
}

export function toDrives(spec: JobSpec): boolean {
  return 'usb' in spec || 'usb_verify' in spec;
}

/** Whose files it would be, from the box's refusal: it names them all, and wants exactly these. */
export function othersNamed(detail: string): string[] {
  const at = detail.indexOf(': ');
  return at < 0 ? [] : detail.slice(at + 2).replace(/\.$/, '').split(', ');
}
