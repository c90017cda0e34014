"""The province's own systems, behind small interfaces. What each expects of the other side stands in docs/systems.md.

Synchronous, for actions and ticks run in threads; nothing here touches our database.
"""
