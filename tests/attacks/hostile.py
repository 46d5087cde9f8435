"""Names that nobody gives by mistake: bytes that climb out of folders, end strings, fill buffers, look like others.

Each is different from all others and holds its own mark, so that it is found wherever it comes to lie. Seeded: the
same number gives the same names. Start at `names`.
"""
import random

SEED = 50
MARK = b"hfq"
# What a path of the box may have, told anew.
NAME_LEN_MAX, PATH_LEN_MAX, DEPTH_MAX = 255, 1 << 15, 4_096

# A mark stands where the `@` is.
KNOWN = [
    b"../@", b"../../@", b"../../../../../../@", b"a/../@", b"a/../../@", b"@/..", b"@/../..", b"./@", b"@/.", b"/@", b"//@",
    b"@/", b"@//b", b"/etc/@", b"/tmp/@", b"/var/@", b"file:///@", b"~/@", b"~root/@", b".../@", b"..../@",
    b"..\\@", b"..\\..\\@", b"C:\\@", b"C:@", b"\\\\host\\@", b"\\\\?\\C:\\@", b"@:stream", b"@::$DATA",
    b"%2e%2e%2f@", b"%2e%2e/@", b"..%2f@", b"..%5c@", b"%252e%252e%252f@", b"..%c0%af@", b"%00@", b"@%00.jpg",
    b"@\0", b"\0@", b"@\0.jpg", b"a/@\0/b", b"..\0/@",
    b"@\xff\xfe", b"\xc0\xae\xc0\xae/@", b"\xc0\xaf@", b"..\xc0\xaf@", b"\xe0\x80\xaf@", b"\xed\xa0\x80@", b"@\x80", b"@\xe2\x82",
    b"\xf4\x90\x80\x80@", b"@\xc3",
    b"CON/@", b"nul/@", b"AUX.@", b"PRN.@.txt", b"COM1.@", b"LPT9.@", b"CONIN$@", b"@/CON", b"@/nul.txt", b"@/COM\xc2\xb9",
    b"@.", b"@ ", b"@...", b"@. ", b" @", b"@/ ", b"@/. .", b"@/.. ", b"@/ ..", b"@\t", b"@\xc2\xa0",
    b"@\n", b"@\r\nset-cookie: a=b", b"@\x1b[2J", b"@\x07", b"@\x7f", b"\x01@", b"@\xc2\x85",
    "@\u202egpj.exe".encode(), "@\u2066\u2069".encode(), "\u200f@".encode(), "@\u200b".encode(), "\ufeff@".encode(),
    "@e\u0301".encode(), "@\u00e9".encode(), "@\u2215..\u2215".encode(), "\uff0e\uff0e\uff0f@".encode(), "@\u0130".encode(),
    "@\U0001f600".encode(), "@\uffff".encode(), "@\ufffd".encode(), ("@" + "\u0301" * 100).encode(),
    b"@<>|?*", b"@'\"", b"@;id", b"@`id`", b"@$(id)", b"${@}", b"@&&id", b"|@", b"-rf @", b"--@", b"@%s%n%x", b"{{@}}",
    b"<script>@</script>", b"<img src=x onerror=@>", b"'; DROP TABLE @; --", b"@\"; filename=\"b", b"@=,;", b"=@", b"@#f", b"@?q=1",
    b".@", b".holdfast/@", b".holdfast-@", b"@.holdfast-tmp", b"@.tmp", b"@~", b"@.part", b".git/@", b"lost+found/@", b"vault.toml/@",
]
BITS = [b"..", b"/", b"\0", b".", b"a", b"\\", b"\xff", b"%", b" ", b"\n", b":", b"\xc3\xa4", b"%2f", b"\xe2\x80\xae", b"CON", b"~"]
LENGTHS = [200, 248, 249, 255, 256, 257, 300, 1_000, 4_095, 4_096, 20_000, 32_700, 32_768, 40_000, 70_000]
# Few that are kept are very deep: each folder of one costs the way to it.
DEPTHS = [10, 10, 50, 50, 50, 300, 2_500, 4_095, 4_100, 8_000, 16_300, 20_000]


def names(count):
    """So many of them, all different."""
    dice, made = random.Random(SEED), []
    for number in range(count):
        mark = MARK + b"%05d" % number
        if number < len(KNOWN):
            made.append(KNOWN[number].replace(b"@", mark))
        else:
            made.append(drawn(dice, mark))
    return made


def drawn(dice, mark):
    turn = dice.randrange(20)
    if turn == 0:
        fill = dice.choice([b"x", b"\xe4", b"\xc3\xa4", b"\n", b"%", b"."])
        return (mark + fill * 80_000)[:max(len(mark), dice.choice(LENGTHS) + dice.randrange(-3, 4))]
    if turn == 1:
        part = dice.choice([b"d/", b"../", b"\xff/", b"./", b"dddddd/"])
        return mark + b"/" + part * dice.choice(DEPTHS) + b"x"
    if turn < 8:
        return dice.choice(KNOWN).replace(b"@", mark)
    bits = [dice.choice(BITS) for _ in range(dice.randrange(1, 9))]
    bits.insert(dice.randrange(len(bits) + 1), mark)
    return b"".join(bits)


def may_be(path):
    """What the rules of the box say of a path, told anew."""
    def ok(name):
        return name not in (b"", b".", b"..") and len(name) <= NAME_LEN_MAX and b"\0" not in name
    return len(path) <= PATH_LEN_MAX and path.count(b"/") < DEPTH_MAX and all(map(ok, path.split(b"/")))


def is_text(name):
    try:
        name.decode()
        return True
    except UnicodeDecodeError:
        return False


def percent(name, safe=b"abcdefghijklmnopqrstuvwxyz0123456789"):
    """Every byte that is not harmless as `%` and two digits."""
    return b"".join(bytes([byte]) if byte in safe else b"%%%02X" % byte for byte in name)
