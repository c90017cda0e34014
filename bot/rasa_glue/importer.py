"""One file a topic: `nlu_data/<topic>.yml` holds its intents, examples, rules, replies and action names together.

Stock Rasa wants everything but examples and rules in domain.yml, so that adding an intent touches three files. This
importer reads the domain part of every training file and merges it into domain.yml.
"""

from typing import Any, Dict, List, Optional, Union

import rasa.shared.utils.io
from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter

DOMAIN_KEYS = ("intents", "entities", "actions", "slots", "forms", "responses")


class TopicImporter(RasaFileImporter):
    """RasaFileImporter whose domain also takes the domain keys of the training files."""

    def __init__(self, config_file: Optional[str] = None, domain_path: Optional[str] = None,
                 training_data_paths: Optional[Union[List[str], str]] = None, **kwargs: Any):
        super().__init__(config_file, domain_path, training_data_paths)
        self._merged: Optional[Domain] = None

    def get_domain(self) -> Domain:
        """The domain of domain.yml and all topic files. An intent with examples need not be listed anywhere."""
        if self._merged is None:
            domain = super().get_domain()
            for path in sorted(set(self._nlu_files) | set(self._story_files)):
                domain = domain.merge(topic_domain(path))
            self._merged = domain
        return self._merged


def topic_domain(path: str) -> Domain:
    """The domain part of one topic file; intents with examples and actions of its rules count as listed."""
    content: Dict[str, Any] = rasa.shared.utils.io.read_yaml_file(path) or {}
    part = {key: content[key] for key in DOMAIN_KEYS if key in content}
    listed = [next(iter(i)) if isinstance(i, dict) else i for i in part.get("intents", [])]
    examples = [e["intent"] for e in content.get("nlu", []) if "intent" in e]
    part["intents"] = list(part.get("intents", [])) + [i for i in examples if i not in listed]
    steps = [s for rule in content.get("rules", []) for s in rule["steps"]]
    used = [s["action"] for s in steps if str(s.get("action", "")).startswith("action_")]
    part["actions"] = sorted(set(part.get("actions", [])) | {a for a in used if a not in BUILT_IN})
    return Domain.from_dict(part)


BUILT_IN = {"action_listen", "action_restart", "action_session_start", "action_default_fallback",
            "action_deactivate_loop", "action_back", "action_extract_slots"}
