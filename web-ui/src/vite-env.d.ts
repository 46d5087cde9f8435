/// <reference types="vite/client" />
/// <reference types="svelte" />

/** The version of the box that this page is built for. */
declare const __VERSION__: string;
