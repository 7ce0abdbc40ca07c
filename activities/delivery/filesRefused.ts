/** `lastError` of a row whose files are not to be had, or were refused as documents too: agents are told of them. */
export const FILES_REFUSED = 'files_refused';
