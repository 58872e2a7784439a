"""The closed vocabulary of the tiny model: structure, function words, and slots for everything that is open.

Names of tools, names of parameters and fields, values and content words are never tokens: each stands in a slot (`<t3>`, `<n17>`, `<v5>`, `<w40>`), the same one
wherever it comes again within a conversation, another one in another conversation. So a model can match what is the same, and cannot know what anything means.
"""

from __future__ import annotations

from typing import Any

from inftool.training._optional import require

# How many slots of each family there are: tools, names, values, words.
FAMILIES: dict[str, int] = {"t": 32, "n": 96, "v": 96, "w": 32}
PAD, END, UNKNOWN, OTHER = "<pad>", "<end>", "<unk>", "<other>"
CALL, TELL, DONE, CANNOT, ASK, LEAVE = "<call>", "<tell>", "<done>", "<cannot>", "<ask>", "<leave>"
USER, TOOLS, TOOL, RESULT, FAILED, WISH, ASSISTANT = (
    "<user>",
    "<tools>",
    "<tool>",
    "<result>",
    "<failed>",
    "<wish>",
    "<assistant>",
)
YES, NO, SEARCH, TITLE = "<yes>", "<no>", "<search>", "<title>"
# What says which of the things said for a wish stands where: the first, the second, …
PLACES = tuple(f"#{number}" for number in range(1, 25))
STRUCTURE = (
    PAD, END, UNKNOWN, OTHER, CALL, TELL, DONE, CANNOT, ASK, LEAVE, USER, TOOLS, TOOL, RESULT, FAILED, WISH, ASSISTANT, YES, NO, SEARCH, TITLE,
    ".", ",", ":", "?", ";", *PLACES,
)  # fmt: skip
FUNCTION_WORDS = tuple(
    """a an the this that these those it its my our your their his her of for with from to in on at by as and or but not only both each all every
    any one ones two three first second third fourth last i we you they he she me us them is are be was were has have had do does did can could should
    would will may might must please put use set make change switched call goes know tell give let need want like what which who how when there here
    them thanks thank sorry wait mean actually instead now also again same so if""".split()
)  # fmt: skip


def tokens() -> tuple[str, ...]:
    """Every token, in order of its id."""
    slots = tuple(
        f"<{family}{number}>" for family, size in FAMILIES.items() for number in range(size)
    )
    return (*STRUCTURE, *dict.fromkeys(FUNCTION_WORDS), *slots)


def is_slot(token: str, family: str = "") -> bool:
    """Whether a token is a slot (of that family)."""
    return (
        len(token) > 3
        and token[0] == "<"
        and token[2:-1].isdigit()
        and token[1] in (family or "tnvw")
    )


# In the place of a chat template: what says that a conversation is put into slots (`inftool.training.tiny.slots`) rather than written out.
MARK = "{#- inftool: slots -#}"


def is_slotted(template: str | None) -> bool:
    """Whether a model reads conversations in slots."""
    return template is not None and template.startswith(MARK)


def make_tokenizer() -> Any:
    """The vocabulary as a tokenizer of transformers: words apart by blanks, none of them unknown."""
    tokenizers, transformers = require("tokenizers"), require("transformers")
    inner = tokenizers.Tokenizer(
        tokenizers.models.WordLevel(
            {token: number for number, token in enumerate(tokens())}, unk_token=UNKNOWN
        )
    )
    inner.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    found = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token=PAD, eos_token=END, unk_token=UNKNOWN, padding_side="left"
    )
    found.chat_template = MARK
    return found
