"""`python -m emulators VENDOR`: run one emulator until interrupted."""

from emulators.command import emulate


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends with `SystemExit`, which says how it went."""
    emulate.main(arguments, prog_name="python -m emulators")


if __name__ == "__main__":
    main()
