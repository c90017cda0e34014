"""Vietnamese words as Rasa tokens: "giấy khai sinh" is one word of three syllables."""

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.language.normalise import fold, words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """underthesea's words where the text has diacritics, syllables where it has none.

    underthesea was trained on accented text and joins unaccented syllables wrongly ("can giay" becomes one word).
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None,
                "prefix_separator_symbol": None}

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "VietnameseTokenizer":
        from underthesea import word_tokenize

        word_tokenize("xin chào")  # loads its model now, not under the first citizen's message
        return cls(config)

    @staticmethod
    def required_packages() -> List[str]:
        return ["underthesea"]

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        text = message.get(attribute) or ""
        if fold(text) == text.lower():
            found = words(text)
        else:
            from underthesea import word_tokenize  # 2 s to import; `create` has paid for it

            found = [w for w in word_tokenize(text) if any(c.isalnum() for c in w)]
        return self._apply_token_pattern(aligned(found, text) or [Token(text, 0)])


def aligned(found: List[str], text: str) -> List[Token]:
    """The words as tokens with their offsets in `text`; a word that the tokenizer rewrote is left out."""
    tokens, at = [], 0
    for word in found:
        start = text.find(word, at)
        if start >= 0:
            tokens.append(Token(word, start))
            at = start + len(word)
    return tokens
