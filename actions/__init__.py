"""Rasa custom actions: thin glue between the dialogue and the services. `_turn.py` has what they share."""
