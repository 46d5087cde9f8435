// All that is German, as one file.
export { de, said } from './de';
export { de as more } from './more/de';
