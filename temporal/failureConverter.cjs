// CommonJS, as the SDK loads it with require(); workflows get it in their bundle. With it a failure's message and stack trace go
// into histories like any payload, sealed: neither is meant to hold what people said, and none of them has to be trusted with it.
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
