"""Make a small tokenizer out of nothing: bytes, and a few joined words. Run with the interpreter of a peer."""

import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

_WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "lazy",
    "dog",
    "and",
    "runs",
    "away",
    "hello",
    "of",
    "to",
    "in",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "are",
    "with",
]
_SPECIAL = ("<unk>", "<s>", "</s>", "<pad>")


def main() -> None:
    """Write it into the folder that the command line names."""
    vocabulary = {word: index for index, word in enumerate((*_SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())))}
    merges: dict[tuple[str, str], None] = {}
    for word in _WORDS:
        joined = "Ġ"  # how such tokenizers write a space
        for letter in word:
            merges[joined, letter] = None
            joined += letter
            vocabulary.setdefault(joined, len(vocabulary))
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=list(merges)))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    names = dict(zip(("unk_token", "bos_token", "eos_token", "pad_token"), _SPECIAL, strict=True))
    outer = PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=100_000, **names)
    outer.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    outer.save_pretrained(sys.argv[1])


if __name__ == "__main__":
    main()
