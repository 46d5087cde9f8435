// A public tus client that uploads many files side by side, and a count of what it sends twice.
//
// Whatever a request is about to send is at most one chunk. Bytes that the box said it has and that are sent
// again all the same are `beyond`: a client that asks first sends none, one that forgets does. Start at `upload`.
import { createReadStream } from 'node:fs';
import { DefaultHttpStack, Upload } from 'tus-js-client';

export const CHUNK = 512 * 1024;
/** So often is a file tried before it counts as failed: a box that starts anew takes some seconds. */
const DELAYS = Array(400).fill(250);

/** One file, once. Ends with an error where the client gives up. */
function once(file, told, options) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(file.at), {
      endpoint: `${options.origin}/api/v1/uploads`,
      httpStack: new DefaultHttpStack({ ca: options.ca, agent: options.agent }),
      headers: { Authorization: `Bearer ${options.token}` },
      metadata: { source: options.source, path: file.name },
      uploadSize: file.size,
      chunkSize: CHUNK,
      uploadDataDuringCreation: true,
      storeFingerprintForResuming: false,
      retryDelays: options.forgets ? [] : DELAYS,
      onShouldRetry: () => {
        told.retries += 1;
        return true;
      },
      onBeforeRequest: (asked) => {
        const method = asked.getMethod();
        if (method !== 'PATCH' && method !== 'POST') return;
        const from = Number(asked.getHeader('Upload-Offset') ?? 0);
        told.sent += Math.min(CHUNK, file.size - from);
        told.beyond += Math.max(0, told.acknowledged - from);
      },
      onAfterResponse: (asked, answer) => {
        const status = answer.getStatus();
        const offset = Number(answer.getHeader('Upload-Offset'));
        if (status < 300 && Number.isFinite(offset)) told.acknowledged = Math.max(told.acknowledged, offset);
      },
      onError: reject,
      onSuccess: resolve,
    });
    upload.start();
  });
}

async function whole(file, options) {
  const told = { sent: 0, beyond: 0, acknowledged: 0, retries: 0 };
  for (let tries = 1; ; tries += 1) {
    try {
      await once(file, told, options);
      return told;
    } catch (error) {
      if (!options.forgets || tries === DELAYS.length) throw error;
      await new Promise((resolve) => setTimeout(resolve, DELAYS[0]));
    }
  }
}

/** Uploads all of them, so many at once; `each` hears how many are done. */
export async function upload(files, options, each) {
  const sum = { sent: 0, beyond: 0, retries: 0, done: 0 };
  const waiting = files[Symbol.iterator]();
  const worker = async () => {
    for (const file of waiting) {
      const told = await whole(file, options);
      sum.sent += told.sent;
      sum.beyond += told.beyond;
      sum.retries += told.retries;
      sum.done += 1;
      await each(sum.done);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  return sum;
}
