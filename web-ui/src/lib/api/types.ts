// Short names for what the box answers.
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
export type Problem = Schemas['Problem'];
