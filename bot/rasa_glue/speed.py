"""Two places where Rasa 3.6.21 spends most of a message's time, done once instead of every time.

Measured in `../shared/design/rasa_facts.md` and again by benchmarks/latency.py. `install` is called by our channel, so
it is in force wherever Rasa serves; tests check that both replacements are in place.
"""

from typing import Any, Dict, Optional, Type

from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.shared.core import events
from rasa.shared.utils.common import all_subclasses

_by_type: Dict[str, Type[events.Event]] = {}
_validator = Draft202012Validator(RemoteAction.action_response_format_spec())


def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
    """RemoteAction._validate_action_result without checking its own schema afresh on every call."""
    for error in _validator.iter_errors(result):
        error.message += (". Failed to validate action server response, your action server did not return a valid "
                          "response.")
        raise error
    return True


def resolve_by_type(type_name: str, default: Optional[Type[events.Event]] = None) -> Optional[Type[events.Event]]:
    """Event.resolve_by_type from a table instead of a walk over all subclasses for each stored event."""
    found = _by_type.get(type_name)
    if found is None:
        _by_type.update({cls.type_name: cls for cls in reversed(all_subclasses(events.Event))})
        found = _by_type.get(type_name)
    if found is not None:
        return found
    if type_name == "topic":
        return None
    if default is not None:
        return default
    raise ValueError(f"Unknown event name '{type_name}'.")


def install() -> None:
    """Puts both replacements in place; again is harmless."""
    RemoteAction._validate_action_result = validate_action_result
    events.Event.resolve_by_type = staticmethod(resolve_by_type)
