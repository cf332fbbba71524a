"""Ids and texts of Hugging Face's tokenizers for the seeded texts, as digests.

    pip install tokenizers==0.23.3
    python tests/real/reference.py TOKENIZER_JSON TEXTS_JSON      prints one line of JSON

TEXTS_JSON is a list of texts that tests/support/tokenizerTexts.ts makes for the tokenizer's added tokens.
"""

import hashlib
import json
import sys

from tokenizers import Tokenizer

PER = 100
"""Texts of one digest."""


def digests(items):
    """The first 8 hexadecimal digits of the SHA-256 of each hundred items as compact JSON, joined by spaces."""
    blocks = (items[i : i + PER] for i in range(0, len(items), PER))
    texts = (json.dumps(block, ensure_ascii=False, separators=(",", ":")) for block in blocks)
    return " ".join(hashlib.sha256(text.encode()).hexdigest()[:8] for text in texts)


def main(tokenizer_file, texts_file):
    tokenizer = Tokenizer.from_file(tokenizer_file)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(texts_file, encoding="utf-8") as file:
        texts = json.load(file)
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    special = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=True)]
    # Every second id of each text: sequences that no text has, in which byte tokens are often not UTF-8.
    broken = [row[::2] for row in ids]
    result = {
        "count": len(texts),
        "ids": digests(ids),
        "withSpecialTokens": digests(special),
        "decoded": digests(tokenizer.decode_batch(ids, skip_special_tokens=False)),
        "withoutSpecialTokens": digests(tokenizer.decode_batch(ids, skip_special_tokens=True)),
        "brokenDecoded": digests(tokenizer.decode_batch(broken, skip_special_tokens=False)),
    }
    print(json.dumps(result))


main(*sys.argv[1:])
