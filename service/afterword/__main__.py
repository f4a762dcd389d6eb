"""``afterword``, and ``python -m afterword``: the command line."""

import gc


def main() -> None:
    """Run the command that the words of this process say."""
    # What is imported now stays until the process ends: to look through it for what is not needed
    # any more, again and again, takes a third of a command's time. It is looked for from then on.
    gc.disable()
    from afterword.cli import cli

    cli(prog_name="afterword")


if __name__ == "__main__":
    main()
