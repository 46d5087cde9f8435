// All screens behind Home, as one file: they are loaded together with the first of them that is gone to, since what
// is packed together weighs less.
export { more } from '../lib/i18n/more.svelte';
export { default as activity } from './Activity.svelte';
export { default as disks } from './Disks.svelte';
export { default as files } from './Files.svelte';
export { default as friends } from './Friends.svelte';
export { default as photos } from './Photos.svelte';
export { default as replace } from './Replace.svelte';
export { default as restore } from './Restore.svelte';
export { default as settings } from './Settings.svelte';
