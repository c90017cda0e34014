"""`python -m bot …` and `.venv/bin/bot …`."""

from bot.cli import main

if __name__ == "__main__":
    main()
