// What the browser's own trace says of its main thread while something is done. Start at `traced`.

/** No frame may take longer, in milliseconds. */
export const FRAME_MAX = 50;

/** What a trace of the browser's own says of its main thread while something is done, in milliseconds. */
export async function traced(page, act) {
  const devtools = await page.context().newCDPSession(page);
  const events = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] } });
  await act();
  // The work that is under way is told once it is over.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  const over = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await over;
  const main = new Set(events.filter((one) => one.name === 'thread_name' && one.args.name === 'CrRendererMain').map((one) => `${one.pid}/${one.tid}`));
  const all = events.filter((one) => one.ph === 'X' && /RunTask$/.test(one.name) && main.has(`${one.pid}/${one.tid}`));
  const tasks = all.map((one) => one.dur / 1000);
  // The same without the time in which others had the processor.
  const own = all.map((one) => (one.tdur ?? one.dur) / 1000);
  const frames = await page.evaluate(() => window.gaps ?? []);
  if (tasks.length === 0) throw new Error('the trace shows no work at all');
  return { longest: Math.max(...tasks), own: Math.max(...own), ownOver: own.filter((one) => one > FRAME_MAX).length, over: tasks.filter((one) => one > FRAME_MAX).length, tasks: tasks.length, gap: Math.max(0, ...frames), gaps: frames.filter((one) => one > FRAME_MAX).length, frames: frames.length };
}
