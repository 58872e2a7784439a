"""The closed vocabulary of the tiny model: structure, function words, and slots for open words.

Names of tools, names of parameters and fields, values and content words are never tokens. Each is
represented by a slot (`<t3>`, `<n17>`, `<v5>`, `<w40>`): the same slot wherever the word comes
again within a conversation, a different one in another conversation. The model can therefore match
what is the same, and cannot know what anything means.
"""

from __future__ import annotations

from inftool.training._optional import require
from inftool.training.tokenization.tokenizer import Tokenizer

FAMILIES: dict[str, int] = {"t": 32, "n": 96, "v": 96, "w": 32}
"""Slots of each family: tools, names, values, words. A conversation that needs more cannot be
encoded whole; each further slot costs the model one row of its embedding table."""

PAD, END, UNKNOWN, OTHER = "<pad>", "<end>", "<unk>", "<other>"
CALL, TELL, DONE, CANNOT, ASK, LEAVE = "<call>", "<tell>", "<done>", "<cannot>", "<ask>", "<leave>"
USER, TOOLS, TOOL = "<user>", "<tools>", "<tool>"
RESULT, FAILED, QUESTION, ASSISTANT = "<result>", "<failed>", "<wish>", "<assistant>"
YES, NO, SEARCH, TITLE = "<yes>", "<no>", "<search>", "<title>"

POSITIONS = tuple(f"#{number}" for number in range(1, 25))
"""They number what the user gave: the first name with its values, the second, ..."""

# The order of all that follows gives the ids of the tokens, which the shipped weights rely on.
STRUCTURE = (
    *(PAD, END, UNKNOWN, OTHER),
    *(CALL, TELL, DONE, CANNOT, ASK, LEAVE),
    *(USER, TOOLS, TOOL, RESULT, FAILED, QUESTION, ASSISTANT),
    *(YES, NO, SEARCH, TITLE),
    *(".", ",", ":", "?", ";"),
    *POSITIONS,
)
FUNCTION_WORDS = tuple(
    """
    a an the this that these those it its my our your their his her of for with from to in on at by
    as and or but not only both each all every any one ones two three first second third fourth last
    i we you they he she me us them is are be was were has have had do does did can could should
    would will may might must please put use set make change switched call goes know tell give let
    need want like what which who how when there here them thanks thank sorry wait mean actually
    instead now also again same so if
    """.split()
)


def tokens() -> tuple[str, ...]:
    """Every token, in the order of the ids."""
    slots = tuple(
        f"<{family}{number}>" for family, size in FAMILIES.items() for number in range(size)
    )
    # "them" stands twice among the function words and is one token.
    return (*STRUCTURE, *dict.fromkeys(FUNCTION_WORDS), *slots)


def is_slot(token: str, families: str = "tnvw") -> bool:
    """Whether a token is a slot of one of these families: ("<n17>", "nv") -> True."""
    return len(token) > 3 and token[0] == "<" and token[2:-1].isdigit() and token[1] in families


def is_boolean(token: str) -> bool:
    """Whether a token is one of the two that are a value themselves."""
    return token in (YES, NO)


SLOT_TEMPLATE = "{#- inftool: slots -#}"
"""What the tokenizer of a slot model has as its chat template. It is a comment, which renders as
nothing: conversations are encoded by `SlotConversation`."""


def make_tokenizer() -> Tokenizer:
    """The vocabulary as a tokenizer of transformers; tokens are separated by blanks."""
    tokenizers, transformers = require("tokenizers"), require("transformers")
    backend = tokenizers.Tokenizer(
        tokenizers.models.WordLevel(
            {token: number for number, token in enumerate(tokens())}, unk_token=UNKNOWN
        )
    )
    backend.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer: Tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        padding_side="left",
    )
    tokenizer.chat_template = SLOT_TEMPLATE
    return tokenizer
