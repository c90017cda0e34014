"""Entities with a form of their own (codes, phone numbers, links, money, times) and names: procedures, communes, courses."""

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.language import gazetteer
from bot.language.entities import find


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TypedEntityExtractor(GraphComponent, EntityExtractorMixin):
    """bot/language/entities.py as a Rasa component."""

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "TypedEntityExtractor":
        gazetteer.index()  # read now, not under the first citizen's message
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            found = [{**e, "extractor": "TypedEntityExtractor"} for e in find(message.get(TEXT) or "")]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
