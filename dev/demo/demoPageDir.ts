import { fileURLToPath } from 'node:url';

/** Folder of the demo shop's static files. The page expects `/widget.js` and the API at its own origin. */
export const demoPageDir: string = fileURLToPath(new URL('./page/', import.meta.url));
