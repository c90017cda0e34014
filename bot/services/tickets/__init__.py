"""Reports and proposals: written in the chat (drafts, photos), answered at the desk (desk, told), owned by citizens (owner), counted (figures)."""
