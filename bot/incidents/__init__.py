"""Tricks, incidents and rumours: what they are called, what gives them away, how they spread, how they are handed on. Pure."""
