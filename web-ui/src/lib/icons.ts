// Which icons the page has, by their names in Lucide. The build draws them into index.html once, and
// `Icon.svelte` points at them: so they are no script.
export const ICONS = [
  'archive', 'chevron-right', 'circle', 'circle-alert', 'circle-check', 'cloud-off', 'download', 'ellipsis',
  'external-link', 'file', 'folder', 'folder-plus', 'hard-drive', 'history', 'info', 'lightbulb', 'log-out', 'moon', 'printer',
  'refresh-cw', 'rotate-cw', 'search-check', 'shield-check', 'sun', 'triangle-alert', 'undo-2', 'upload',
] as const;

export type IconName = (typeof ICONS)[number];
