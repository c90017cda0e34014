"""IntentModel as a Rasa graph component, kept in the trained model's storage."""

import logging
from typing import Any, Dict, List, Optional

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.language.intent_model import FOLDS, IntentModel

logger = logging.getLogger(__name__)
FILE = "intent_model.joblib"
RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FoldedNgramClassifier(GraphComponent, IntentClassifier):
    """Intent and ranking from accented and folded n-grams; see bot/language/intent_model.py."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: Optional[IntentModel] = None) -> None:
        self._model_storage, self._resource, self._model = model_storage, resource, model

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {}

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn"]

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "FoldedNgramClassifier":
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on every intent that has at least FOLDS examples; names the others in the log."""
        counts = training_data.number_of_examples_per_intent
        few = sorted(i for i, n in counts.items() if n < FOLDS)
        if few:
            logger.warning(f"Left out of training, fewer than {FOLDS} examples: {', '.join(few)}")
        pairs = [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples]
        pairs = [(text, intent) for text, intent in pairs if text and intent not in few]
        if len({intent for _, intent in pairs}) >= 2:
            self._model = IntentModel().fit([t for t, _ in pairs], [i for _, i in pairs])
            with self._model_storage.write_to(self._resource) as folder:
                joblib.dump(self._model, folder / FILE, compress=1)
        return self._resource

    @classmethod
    def load(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> "FoldedNgramClassifier":
        try:
            with model_storage.read_from(resource) as folder:
                return cls(model_storage, resource, joblib.load(folder / FILE))
        except ValueError:  # trained without a usable example
            logger.warning("The trained model holds no intent classifier; nothing will be understood.")
            return cls(model_storage, resource)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranked = self._model.rank(message.get(TEXT) or "")[:RANKING] if self._model else []
            ranking = [{"name": name, "confidence": confidence} for name, confidence in ranked]
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
