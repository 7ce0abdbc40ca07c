/** The package's build without its native and Java back ends: plain JavaScript, in this process. */
declare module 'recheck/lib/browser.js' {
  export { checkSync } from 'recheck';
}
