"""Byte-level BPE tokenizer of the embedded model, and its ChatML text form."""

from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

PAD, START, END = "<|pad|>", "<|im_start|>", "<|im_end|>"

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def prompt_text(prompt: str) -> str:
    """The text before the answer."""
    return f"{START}user\n{prompt}{END}\n{START}assistant\n"


def answer_text(answer: str) -> str:
    """The text that the model has to write: the template ends a message with a newline after the end token.
    """
    return f"{answer}{END}\n"


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Trains on raw text. Digits are separate tokens, because a sum is easier to learn by place than by
    memory.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in (PAD, START, END)],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    have = tokenizer.get_vocab_size()
    if have != vocab_size:
        raise ValueError(f"The text gave {have} tokens, {vocab_size} were asked for: export more text or lower vocab_size.")
    return tokenizer
