"""Writes fixtures/tokens.json and fixtures/chat.json: ids and chat renderings of the reference.

Ids are those of the Hugging Face `tokenizers` library. Beside it a byte-level BPE written here,
fed from the GGUF's own vocabulary and merges, says how many strings it agrees on.
"""

import json
import os
import sys
from pathlib import Path

import gguf
import regex
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
MODELS = Path(os.environ.get("ATLAS_MODELS", "/work/shared/models"))
GGUF = MODELS / "smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
GPT2 = regex.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")

STRINGS = [
    # plain prose
    "", "a", "Hello", "Hello world", "hello, world!", "The quick brown fox jumps over the lazy dog.",
    "Once upon a time there was a little girl named Lily.", "I am not angry; I am disappointed.",
    "She felt so happy that she could have danced all night.", "\"Stop!\" he cried. \"Please, stop!\"",
    "It was - how to say it - unbearable.", "Wait... what? No!? Yes?!", "(see below) [1] {x} <y>",
    "e.g. i.e. etc. Mr. Smith, Ph.D.", "well-known, twenty-one, mother-in-law", "and/or, w/o, n/a",
    # contractions and apostrophes
    "I'm you're he's we've they'll I'd don't", "I'M YOU'RE HE'S WE'VE THEY'LL I'D DON'T",
    "I\u2019m you\u2019re he\u2019s we\u2019ve", "'tis the season, 'twas", "rock 'n' roll", "dogs' tails",
    "'s 't 're 've 'm 'll 'd", "it's's", "'", "''", "'sadness", "O'Brien's", "y'all'd've",
    # case
    "HELLO WORLD", "hELLO wORLD", "iPhone eBay McDonald", "AAAAAAAAAAAAAAAA", "ABCdefGHI", "NASA",
    "camelCaseIdentifier PascalCase snake_case SCREAMING_CASE kebab-case",
    # digits
    "0", "7", "10", "123", "2026", "1234567890", "3.14159", "1,000,000", "-42", "+1-800-555-0199",
    "16,000 mg of Tylenol", "1000mg", "a1b2c3", "x2", "2x", " 5", "5 ", "  5", "5  5", "\t5", "5\n5",
    "v1.2.3-rc.4", "12:34:56", "2026-11-23T19:15:00Z", "0xDEADBEEF", "1e-5", "50%", "$19.99", "\u20ac5",
    "1st 2nd 3rd 4th", "\u0661\u0662\u0663", "\u0967\u0968\u0969", "\u00b2\u00b3\u00b9", "\u00bd \u00be", "\u2163 \u216b", "\u2460\u2461\u2462", "\uff11\uff12\uff13",
    "H\u2082O", "\U0001d7d8\U0001d7d9", "\u4e00\u4e8c\u4e09", "10\u00b0C", "No.5", "9" * 40, "room101", "3 4 5  6   7",
    # spaces
    " ", "  ", "   ", "        ", " a", "  a", "   a", "a ", "a  ", "a   ", "a b", "a  b", "a   b",
    "a    b     c", " leading", "trailing ", "  both  ", "\u00a0nbsp\u00a0here", "thin\u2009space", "\u3000wide",
    "zero\u200bwidth", "\ufeffbom", "a\u2028b\u2029c", "\u1680ogham", "a \u00a0 b", " \t ", "hello   !", "   ...",
    # tabs and lines
    "\n", "\n\n", "\n\n\n", "\r\n", "\r", "\t", "\t\t", "a\nb", "a\n\nb", "a\n\n\nb", "a\r\nb", "a \n b",
    "line one\nline two\n", "\n leading line", "trailing line \n", "\ttabbed\ttext", "a\tb", "\n\t\n\t", "\x0b\x0c", " \n \n ",
    # code
    "def f(x):\n    return x + 1\n", "for (int i = 0; i < 10; ++i) { a[i] *= 2; }",
    "fn main() {\n\tprintln!(\"{}\", 1 << 3);\n}\n", "<div class=\"a b\">&amp;</div>", "SELECT * FROM t WHERE a='b';",
    "if __name__ == '__main__':", "a->b::c.d()", "!=  ==  ===  <=>  &&  ||", "/* c */ // d # e", "$HOME/.config",
    "\\n \\t \\\\ \\u0041", "{\"key\": [1, 2.5, null]}", "```rust\nlet x = 1;\n```", "C:\\Users\\a", "x**2 + y^2 <= r_0",
    "#include <stdio.h>", "git commit -m \"why\"", "@decorator", "a;b;;c", "%%%%%", "------", "======", "________", "~~~~",
    # addresses
    "https://example.org/a/b?c=d&e=f#g", "http://localhost:8080", "www.example.com", "user.name+tag@example.co.uk",
    "ftp://127.0.0.1/x%20y.txt", "#hashtag @mention",
    # Latin with marks
    "caf\u00e9", "cafe\u0301", "na\u00efve fa\u00e7ade", "\u00dcber Stra\u00dfe Gr\u00f6\u00dfe", "ma\u00f1ana \u00bfQu\u00e9? \u00a1No!", "\u0141\u00f3d\u017a \u017c\u00f3\u0142\u0107",
    "\u01c6 \ufb01 \ufb02", "\u0130stanbul \u0131", "Vi\u1ec7t Nam", "e\u0301\u0302\u0303\u0304", "Z\u0351\u036b\u0343\u036a\u0302\u036ba\u033d\u0364lgo", "\u212b \u00c5 A\u030a", "\u0301", " \u0301a",
    "l\u2019\u00e9t\u00e9, c\u2019est \u00ab\u00a0tr\u00e8s\u00a0\u00bb", "\u201cquoted\u201d \u2018text\u2019 \u2013 and \u2014 dashes\u2026", "na\u00ef\u0308ve",
    # other scripts
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!", "\u0393\u03b5\u03b9\u03ac \u03c3\u03bf\u03c5 \u039a\u03cc\u03c3\u03bc\u03b5", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u0627\u0644\u0633\u0651\u064e\u0644\u0627\u0645\u064f", "abc \u05d0\u05d1\u05d2 123", "\u202eright\u202c \u200fto\u200e left", "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\u6211\u5f88\u9ad8\u5174\u30022026\u5e74", "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c", "\u30ab\u30bf\u30ab\u30ca \u534a\u89d2 \uff76\uff80\uff76\uff85", "\uc548\ub155\ud558\uc138\uc694 \uc138\uacc4", "\u1112\u1161\u11ab",
    "\u10d2\u10d0\u10db\u10d0\u10e0\u10ef\u10dd\u10d1\u10d0", "\u12a0\u121b\u122d\u129b", "\u0baa\u0ba3\u0bcd\u0baa\u0bc1", "\U00020000\U0002a6df", "mixed \u4e2d\u6587and\u041a\u0438\u0440\u0438\u043b\u043b\u0438\u0446\u0430abc", "\u13e3\u13b3\u13a9",
    # emoji
    "\U0001f600", "I am \U0001f622 today", "\U0001f600\U0001f601\U0001f602", "\u2764", "\u2764\ufe0f", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f469\U0001f3ff\u200d\U0001f692",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "1\ufe0f\u20e3", "\u26a0\ufe0f danger", "a\U0001f600b", " \U0001f600 ", "\U0001f9d8\u200d\u2640\ufe0f calm", ":-) ;) <3 ^_^ \u00af\\_(\u30c4)_/\u00af",
    # symbols
    "\u2211\u222b\u221a\u221e \u2264 \u2265 \u2260", "\u2190\u2191\u2192\u2193", "\u2588\u2591\u2592", "\u00a9 \u00ae \u2122 \u00a7 \u00b6", "\u266b \u266a", "\U0001d54f\U0001d4ee", "\u2800\u2801",
    # control characters
    "\x00", "a\x00b", "\x01\x02\x03", "\x1b[31mred\x1b[0m", "\x7f", "\x80\x9f", "\x85next", "bell\x07", "\x08back", "\ufffd", "\ufffe\uffff", "\ue000", "\U000e0041", "\U0010ffff",
    # special tokens and their look-alikes
    "<|endoftext|>", "<|im_start|>user\nHi<|im_end|>\n", "<|im_start|>", "<|im_end|>", "a<|im_end|>b", " <|im_end|> ",
    "<|im_start|", "<|im_start |>", "<| im_start|>", "<|IM_START|>", "|im_start|>", "<<|im_end|>>", "<|im_end|><|im_end|>",
    "<|im_end|>5", "5<|im_end|>", "<repo_name>", "<reponame>", "<filename>x.py", "<jupyter_code>", "<empty_output>", "</s>", "<s>", "[INST]", "<unk>", "<0x0A>", "\u0120hello", "\u010a",
    # long
    "supercalifragilisticexpialidocious", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "Donaudampfschifffahrtsgesellschaftskapit\u00e4n", "a" * 300, "ha" * 150, "xyzzy" * 60, " " * 100, "\n" * 50, "!" * 80, "\U0001f600" * 20, "\u6c49" * 40, "ab " * 60,
    "The brain holds that " * 10,
]

CONVERSATIONS = {
    "user": [("user", "How are you feeling today?")],
    "system": [("system", "You are a calm and careful helper."), ("user", "I have three days left.")],
    "two turns": [("user", "Hi!"), ("assistant", "Hello. What can I do for you?"),
                  ("user", "Tell me a story\nabout 2 cats.")],
    "system, two turns": [("system", "Answer shortly."), ("user", "1 + 1?"), ("assistant", "2"),
                          ("user", "And caf\u00e9 \U0001f600?")],
    "odd text": [("user", "  <b>spaces & 'quotes'</b> {{ 1 + 1 }} {% if %}\n\n")],
    "empty": [("user", "")],
}


def byte_symbols():
    """GPT-2's printable stand-in for each byte."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in shown}
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(256 + len(table) - len(shown))
    return table


class OwnBpe:
    """Byte-level BPE by the book: special tokens, digits, GPT-2's words, then merges."""

    def __init__(self, tokens, merges, special, digits):
        self.ids = {t: i for i, t in enumerate(tokens)}
        self.rank = {tuple(m.split(" ")): i for i, m in enumerate(merges)}
        self.special = regex.compile("(" + "|".join(map(regex.escape, special)) + ")")
        self.digits = digits
        self.symbols = byte_symbols()

    def encode(self, text):
        out = []
        for part, piece in enumerate(self.special.split(text)):
            if part % 2:
                out.append(self.ids[piece])
                continue
            for run in regex.split(r"(\p{N})", piece) if self.digits else [piece]:
                for word in GPT2.findall(run):
                    out += self.word(word)
        return out

    def word(self, word):
        parts = [self.symbols[b] for b in word.encode()]
        while len(parts) > 1:
            ranks = [self.rank.get(pair, len(self.rank)) for pair in zip(parts, parts[1:])]
            best = min(ranks)
            if best == len(self.rank):
                break
            at = ranks.index(best)
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        return [self.ids[p] for p in parts]


def own(name):
    """The independent tokenizer: from the GGUF where there is one."""
    path = {"smollm2-135m-instruct": GGUF, "tiny-q": HERE / "tiny/tiny-q/tiny-q.gguf"}.get(name)
    if path is None:
        model = json.loads((MODELS / name / "tokenizer.json").read_text())["model"]
        tokens = sorted(model["vocab"], key=model["vocab"].get)
        merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
        return OwnBpe(tokens, merges, ["<|endoftext|>"], False)
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    special = [t for t, kind in zip(tokens, kinds) if kind == gguf.TokenType.CONTROL]
    return OwnBpe(tokens, fields["tokenizer.ggml.merges"].contents(), special, True)


def rows(values):
    """A JSON array, one value a line."""
    return "[\n" + ",\n".join(json.dumps(v) for v in values) + "\n]\n"


def tokens():
    at = {"smollm2-135m-instruct": MODELS, "atlas-lite": MODELS, "tiny-q": HERE / "tiny"}
    made = [{"text": text} for text in STRINGS]
    for name, folder in at.items():
        tokenizer = Tokenizer.from_file(str(folder / name / "tokenizer.json"))
        mine, agree = own(name), 0
        for row in made:
            text = row["text"]
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            assert tokenizer.decode(ids, skip_special_tokens=False) == text, text
            row[name] = ids
            if mine.encode(text) == ids:
                agree += 1
            else:
                sys.stdout.write(f"{name} differs: {text!r} {ids} {mine.encode(text)}\n")
            tokenizer.encode_special_tokens = True
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            tokenizer.encode_special_tokens = False
            if plain != ids:
                row.setdefault("as_plain_text", {})[name] = plain
        sys.stdout.write(f"{name}: own BPE agrees on {agree} of {len(made)}\n")
    (HERE / "fixtures/tokens.json").write_text(rows(made))


def chat():
    template = gguf.GGUFReader(GGUF).fields["tokenizer.chat_template"].contents()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(MODELS / "smollm2-135m-instruct/tokenizer.json"))
    made = []
    for name, turns in CONVERSATIONS.items():
        messages = [{"role": role, "content": text} for role, text in turns]
        for prompt in (False, True):
            text = tokenizer.apply_chat_template(
                messages, chat_template=template, tokenize=False, add_generation_prompt=prompt)
            ids = tokenizer(text, add_special_tokens=False).input_ids
            made.append({"name": name, "messages": messages, "add_generation_prompt": prompt,
                         "text": text, "ids": ids})
    (HERE / "fixtures/chat.json").write_text(rows(made))


if __name__ == "__main__":
    assert len(set(STRINGS)) == len(STRINGS), [s for s in STRINGS if STRINGS.count(s) > 1]
    tokens()
    chat()
