import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

// The names of a component's styles stand in each of its templates: short ones weigh less.
const cssHash = ({ hash, css }) => `s${hash(css).slice(0, 4)}`;

export default { preprocess: vitePreprocess({ script: false }), compilerOptions: { runes: true, discloseVersion: false, cssHash } };
