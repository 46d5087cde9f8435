// Makes the four pictures of the README from those that `run.mjs` and `real.mjs` left in target/e2e: the top
// of each, small, as WebP, which the browser itself encodes. `node e2e/screens.mjs`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open, SHOTS } from './drive.mjs';

const WIDTH = 960;
const HEIGHT = 675;
const pictures = {
  home: '11-home-safe-light-1280',
  files: '33-folder-then-light-1280',
  disks: '13-disks-failing-dark-1280',
  restore: '43-restore-done-light-1280',
};
const to = new URL('../../docs/screens/', import.meta.url).pathname;
mkdirSync(to, { recursive: true });
const { browser, page } = await open('about:blank');
for (const [name, from] of Object.entries(pictures)) {
  const png = readFileSync(join(SHOTS, `${from}.png`)).toString('base64');
  const webp = await page.evaluate(async ({ png, width, height }) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${png}`;
    await picture.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const drawn = canvas.getContext('2d');
    drawn.imageSmoothingQuality = 'high';
    drawn.drawImage(picture, 0, 0, picture.width, (picture.width * height) / width, 0, 0, width, height);
    return canvas.toDataURL('image/webp', 0.82).split(',')[1];
  }, { png, width: WIDTH, height: HEIGHT });
  writeFileSync(join(to, `${name}.webp`), Buffer.from(webp, 'base64'));
}
await browser.close();
console.log(`four pictures in ${to}`);
