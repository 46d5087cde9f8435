// What the browser's own trace says of its main thread while something is done. Start at `traced`.

/** What a trace of the browser's own says of its main thread while something is done, in milliseconds. */
export async function traced(page, act) {
  const devtools = await page.context().newCDPSession(page);
  const events = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] } });
  await act();
  const over = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await over;
  const main = new Set(events.filter((one) => one.name === 'thread_name' && one.args.name === 'CrRendererMain').map((one) => `${one.pid}/${one.tid}`));
  const tasks = events.filter((one) => one.ph === 'X' && /RunTask$/.test(one.name) && main.has(`${one.pid}/${one.tid}`)).map((one) => one.dur / 1000);
  const frames = await page.evaluate(() => window.gaps ?? []);
  if (tasks.length === 0) throw new Error('the trace shows no work at all');
  return { longest: Math.max(...tasks), over: tasks.filter((one) => one > 50).length, tasks: tasks.length, gap: Math.max(0, ...frames), frames: frames.length };
}
