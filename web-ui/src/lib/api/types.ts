// Short names for what the box answers.
import type { Raw } from '../paths';
import type { components } from './schema';

type Schemas = components['schemas'];
export type About = Schemas['About'];
export type Me = Schemas['Me'];
export type Status = Schemas['Status'];
export type Health = Schemas['Health'];
export type Volume = Schemas['Volume'];
export type Finding = Schemas['Finding'];
export type Disks = Schemas['Disks'];
export type DiskShown = Schemas['DiskShown'];
export type Question = Schemas['Question'];
export type Enclosure = Schemas['Enclosure'];
export type Job = Schemas['Job'];
export type JobSpec = Schemas['JobSpec'];
export type Source = Schemas['Source'];
export type Snapshot = Schemas['Snapshot'];
export type Outlet = Schemas['Outlet'];
export type OutletShown = Schemas['OutletShown'];
/** Names and paths are text or hex: the document says only that they are something. */
export type Entry = Omit<Schemas['Entry'], 'name'> & { name: Raw };
export type Moment = Omit<Schemas['Moment'], 'entry'> & { entry?: Entry | null };
export type Hit = Omit<Schemas['Hit'], 'path' | 'entry'> & { path: Raw; entry: Entry };
export type Photo = Omit<Schemas['Photo'], 'path'> & { path: Raw };
export type OnePerson = Schemas['OnePerson'];
export type OneDevice = Schemas['OneDevice'];
export type DeviceScope = Schemas['DeviceScope'];
export type Stick = Schemas['Stick'];
export type OneSession = Schemas['OneSession'];
export type AuditEntry = Schemas['AuditEntry'];
export type Problem = Schemas['Problem'];
export type Surroundings = Schemas['Surroundings'];
export type Network = Schemas['Network'];
export type Keeping = Schemas['Keeping'];
export type KeepRule = Schemas['KeepRule'];
export type KeepWish = Schemas['KeepWish'];
export type KeepingForeseen = Schemas['KeepingForeseen'];
