"""`python -m llm_workbook doctor`: the package's commands."""

import sys


def doctor() -> int:
    """check this machine, the packages, the models and the data"""
    from .doctor import doctor

    diagnosis = doctor()
    print(diagnosis)
    return 0 if diagnosis.ok else 1


COMMANDS = {"doctor": doctor}


def main(words: list[str]) -> int:
    """Run the command named by `words`; 2 and a sentence that lists the commands when there is none of that name."""
    sys.stdout.reconfigure(errors="replace")  # an old console without the signs ✔ and ✘ shows question marks instead
    if len(words) == 1 and words[0] in COMMANDS:
        return COMMANDS[words[0]]()
    listing = "\n".join(f"  python -m llm_workbook {name}: {command.__doc__}" for name, command in COMMANDS.items())
    print(f"unknown command {' '.join(words)!r}: choose one of\n{listing}" if words else f"choose a command:\n{listing}", file=sys.stderr)
    return 2


def command() -> int:
    """The command line."""
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(command())
