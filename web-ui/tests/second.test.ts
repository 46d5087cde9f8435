// What is shown beside a password, and how long a key is waited for.
import { describe, expect, test } from 'vitest';
import { beside, type Beside } from '../src/lib/second';

const always = () => true;

/** A box that finds the key at this request, and what it was asked. */
function box(at: number, code = 'key_not_here') {
  const asked: Beside[] = [];
  const ask = async (shown: Beside) => {
    asked.push(shown);
    if (asked.length < at) throw { code };
    return 'in';
  };
  return { asked, ask };
}

describe('beside a password', () => {
  test('stands a code as it was typed, and nothing where none was', async () => {
    const { asked, ask } = box(0);
    await beside('code', '123 456', ask, always);
    await beside('code', ' ', ask, always);
    await beside('words', ' Able  ACID\nzoo ', ask, always);
    expect(asked).toEqual([{ code: '123 456' }, {}, { words: 'able acid zoo' }]);
  });

  test('a key is waited for until it is plugged in', async () => {
    const { asked, ask } = box(4);
    expect(await beside('key', 'not sent', ask, always)).toBe('in');
    expect(asked).toEqual(Array(4).fill({ key_seconds: 10 }));
  });

  test('a key is not waited for without an end, nor after somebody left, nor past another refusal', async () => {
    const forever = box(1000);
    await expect(beside('key', '', forever.ask, always)).rejects.toEqual({ code: 'key_not_here' });
    expect(forever.asked.length).toBe(18);
    const left = box(1000);
    await expect(beside('key', '', left.ask, () => left.asked.length < 3)).rejects.toBeTruthy();
    expect(left.asked.length).toBe(3);
    const copied = box(1000, 'key_copied');
    await expect(beside('key', '', copied.ask, always)).rejects.toEqual({ code: 'key_copied' });
    expect(copied.asked.length).toBe(1);
  });
});
