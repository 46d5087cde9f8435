// The line between a client and the box: it can be cut, and it counts what went up. It looks into nothing.
import { connect, createServer } from 'node:net';

export class Line {
  constructor(to) {
    Object.assign(this, { to, up: 0, cuts: 0, ends: new Set() });
  }

  open() {
    this.server = createServer((client) => {
      const box = connect(this.to, '127.0.0.1');
      const pair = [client, box];
      for (const end of pair) {
        this.ends.add(end);
        end.on('error', () => {});
        end.on('close', () => {
          pair.forEach((one) => one.destroy());
          this.ends.delete(end);
        });
      }
      client.on('data', (bytes) => (this.up += bytes.length));
      client.pipe(box);
      box.pipe(client);
    });
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port)));
  }

  /** Everything that is on its way is lost. */
  cut() {
    this.cuts += 1;
    for (const end of this.ends) end.resetAndDestroy();
  }

  close() {
    this.cut();
    this.server?.close();
  }
}
